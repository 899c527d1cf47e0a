// Only in the tsan build. Debian's liblua leaves C frames by __longjmp_chk, which ThreadSanitizer of g++ 12 does not
// intercept: its own stack of calls would grow with each Lua error until it falls. longjmp is intercepted.
#include <setjmp.h>  // NOLINT(modernize-deprecated-headers): jmp_buf as C knows it

extern "C" [[noreturn]] void __longjmp_chk(jmp_buf place, int value);  // NOLINT(bugprone-reserved-identifier)

void __longjmp_chk(jmp_buf place, int value) { longjmp(place, value); }
