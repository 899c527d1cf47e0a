#pragma once

#include <cstdint>
#include <string>

namespace audit::cli {

// A file comes into being as a draft beside its place, so that it appears whole under its name or not at all. The drafts of
// this process are known, so that one that ends at once leaves none behind. Any thread; errors are numbers of <cerrno>.

/// The draft's name. `format` tells it from those of other reports.
[[nodiscard]] std::string draft_of(const std::string& path, const std::string& format);
/// An empty file that nobody else made, and that was at no time anybody's to read whom `mode` leaves out.
[[nodiscard]] int make_draft(const std::string& draft, std::uint32_t mode);
/// Gives it its name; where that cannot be done it is removed.
[[nodiscard]] int publish_draft(const std::string& draft, const std::string& path);
void remove_draft(const std::string& draft);
/// Removes all drafts, and lets none be made or published from then on: for a process that ends at once.
void discard_drafts();

}  // namespace audit::cli
