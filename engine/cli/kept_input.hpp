#pragma once

#include <cstddef>

namespace audit::cli {

/// Reads standard input, no more than `most` bytes, and puts what was read in its place: every process started from this
/// one can read it from its beginning, after `rewind_input`. Where there is no memory for that, it stays as it is.
void keep_input(std::size_t most);
void rewind_input();

}  // namespace audit::cli
