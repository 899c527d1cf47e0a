#pragma once

namespace audit::cli {

/// Opens what of standard input, output and error was closed when the program began, so that no other file gets its number
/// and takes what is printed. Reading or writing there fails as before. Called before anything else is opened.
void hold_standard_streams();

}  // namespace audit::cli
