"""Prints BLEU of a file of translations and one of references, words apart by blanks, by NLTK's own corpus_bleu without smoothing, from 0 to 100.

    python3 nltk-bleu.py HYPOTHESES REFERENCES

And before it, on a line of its own each, the matches and the totals of the four orders. No line may have fewer than four words: NLTK counts a group of four in it
all the same. Needs NLTK (Debian: python3-nltk); BleuTests runs it.
"""
import sys

from nltk.translate.bleu_score import corpus_bleu, modified_precision

hypotheses, references = ([line.split() for line in open(name, encoding="utf-8")] for name in sys.argv[1:3])
for n in range(1, 5):
    precisions = [modified_precision([reference], hypothesis, n) for hypothesis, reference in zip(hypotheses, references)]
    print(sum(p.numerator for p in precisions), sum(p.denominator for p in precisions))
print(repr(100 * corpus_bleu([[reference] for reference in references], hypotheses)))
