/* LLVM asks glibc's allocator for its figures. In a static link with another allocator that question alone
   would bring glibc's into the executable, beside the other. Nobody looks at the answer. */
#include <malloc.h>

struct mallinfo2 mallinfo2(void) {
  struct mallinfo2 nothing = {0};
  return nothing;
}
