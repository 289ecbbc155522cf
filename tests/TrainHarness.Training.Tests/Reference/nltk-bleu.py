"""Prints BLEU of a file of translations and one of references, words apart by blanks, by NLTK's own corpus_bleu without smoothing, from 0 to 100.

    python3 nltk-bleu.py HYPOTHESES REFERENCES

And before it, on a line of its own each, the matches and the totals of the four orders. Needs NLTK (Debian: python3-nltk); BleuTests runs it.
"""
import sys

from nltk.translate.bleu_score import corpus_bleu, modified_precision

hypotheses, references = ([line.split() for line in open(name, encoding="utf-8")] for name in sys.argv[1:3])
for n in range(1, 5):
    precisions = [modified_precision([reference], hypothesis, n) for hypothesis, reference in zip(hypotheses, references)]
    # A hypothesis that is shorter than the order has one n-gram that none matches, so that nothing is divided by 0.
    totals = [p.denominator if len(h) >= n else 0 for p, h in zip(precisions, hypotheses)]
    print(sum(p.numerator for p in precisions), sum(totals))
print(repr(100 * corpus_bleu([[reference] for reference in references], hypotheses)))
