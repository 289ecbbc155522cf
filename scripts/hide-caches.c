/* Loaded by scripts/hide-caches (rtld-audit(7)): in the libraries that have a table, every CPUID instruction answers as it does on a
   virtual machine that hides the caches of its processor. A table lists, in hexadecimal, where the instructions lie; its name is the
   library's path with % for /.

   Each of them, two bytes, becomes the undefined instruction UD2, two bytes; the signal that this raises is answered with what CPUID says,
   less the leaves of caches. No other handler of that signal may be installed: the runtime of .NET asks CPUID inside its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

/* Intel SDM 2A and AMD64 Architecture Programmer's Manual 3, CPUID. */
enum { INTEL_CACHES = 4, AMD_CACHES = 0x8000001D };

static const unsigned char CPUID[] = {0x0F, 0xA2}, UD2[] = {0x0F, 0x0B};

static void give_up(const char *what, const char *file)
{
    fprintf(stderr, "hide-caches: %s: %s\n", file, what);
    _exit(2);
}

static void answer(int number, siginfo_t *info, void *context)
{
    (void)info;
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    if (memcmp((void *)registers[REG_RIP], UD2, sizeof UD2) != 0) {
        signal(number, SIG_DFL);
        return;
    }
    uint32_t leaf = (uint32_t)registers[REG_RAX], a, b, c, d;
    __asm__ volatile("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(leaf), "c"((uint32_t)registers[REG_RCX]));
    if (leaf == INTEL_CACHES || leaf == AMD_CACHES)
        a = b = c = d = 0;
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += sizeof UD2;
}

static int all_but_ours(int number, const struct sigaction *action, struct sigaction *before)
{
    if (number != SIGILL)
        return sigaction(number, action, before);
    if (before)
        memset(before, 0, sizeof *before);
    return 0;
}

unsigned int la_version(unsigned int version)
{
    (void)version;
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK};
    action.sa_sigaction = answer;
    sigaction(SIGILL, &action, NULL);
    return LAV_CURRENT;
}

/* Called when a library is mapped, before anything in it runs. */
unsigned int la_objopen(struct link_map *library, Lmid_t space, uintptr_t *cookie)
{
    (void)space;
    (void)cookie;
    const unsigned int all_names = LA_FLG_BINDTO | LA_FLG_BINDFROM;
    char file[PATH_MAX], name[PATH_MAX], table[2 * PATH_MAX];
    const char *tables = getenv("HIDE_CACHES_TABLES");
    if (!tables || !realpath(library->l_name, file))
        return all_names;
    strcpy(name, file);
    for (char *slash = name; (slash = strchr(slash, '/'));)
        *slash = '%';
    snprintf(table, sizeof table, "%s/%s", tables, name);
    FILE *places = fopen(table, "r");
    if (!places)
        return all_names;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (unsigned long offset; fscanf(places, "%lx", &offset) == 1;) {
        unsigned char *place = (unsigned char *)library->l_addr + offset;
        if (memcmp(place, CPUID, sizeof CPUID) != 0)
            give_up("is not the file that its table was made of; delete the tables", file);
        void *start = (void *)((uintptr_t)place & ~(page - 1));
        const size_t bytes = (size_t)(place + sizeof UD2 - (unsigned char *)start);
        if (mprotect(start, bytes, PROT_READ | PROT_WRITE | PROT_EXEC) != 0)
            give_up(strerror(errno), file);
        memcpy(place, UD2, sizeof UD2);
        mprotect(start, bytes, PROT_READ | PROT_EXEC);
    }
    fclose(places);
    return all_names;
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned int index, uintptr_t *from, uintptr_t *to, unsigned int *flags, const char *name)
{
    (void)index;
    (void)from;
    (void)to;
    *flags |= LA_SYMB_NOPLTENTER | LA_SYMB_NOPLTEXIT;
    return strcmp(name, "sigaction") == 0 ? (uintptr_t)all_but_ours : symbol->st_value;
}
