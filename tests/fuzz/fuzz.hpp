#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What a target must see to be true; libFuzzer keeps the input where it is not.
inline void require(bool truth) {
  if (!truth) std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

#define AUDIT_FUZZ_TARGET(bytes)                                                      \
  static void fuzz(std::string_view bytes);                                           \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz(as_text(data, size));                                                        \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz(std::string_view bytes)
