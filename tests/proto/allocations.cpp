#include "allocations.hpp"

#include <malloc.h>

#include <algorithm>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
#define AUDIT_COUNTS 0
#else
#define AUDIT_COUNTS 1
#endif

namespace {

std::size_t blocks_taken = 0;
std::ptrdiff_t held = 0;
std::ptrdiff_t most_held = 0;

}  // namespace

#if AUDIT_COUNTS

namespace {

void* counted(void* block) {
  if (block == nullptr) return block;
  ++blocks_taken;
  held += static_cast<std::ptrdiff_t>(malloc_usable_size(block));
  most_held = std::max(most_held, held);
  return block;
}

void uncounted(void* block) {
  if (block != nullptr) held -= static_cast<std::ptrdiff_t>(malloc_usable_size(block));
}

}  // namespace

// glibc's own names for what is replaced below.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void __libc_free(void* block);

void* malloc(std::size_t size) { return counted(__libc_malloc(size)); }
void* calloc(std::size_t count, std::size_t size) { return counted(__libc_calloc(count, size)); }
void* realloc(void* block, std::size_t size) {
  uncounted(block);
  return counted(__libc_realloc(block, size));
}
void free(void* block) {
  uncounted(block);
  __libc_free(block);
}
}

#endif

namespace audit::test {

Allocations::Allocations() {
  blocks_taken = 0;
  held = most_held = 0;
}

bool Allocations::counts() { return AUDIT_COUNTS == 1; }
std::size_t Allocations::blocks() const { return blocks_taken; }
std::size_t Allocations::peak_bytes() const { return static_cast<std::size_t>(std::max<std::ptrdiff_t>(most_held, 0)); }

}  // namespace audit::test
