#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/notices.hpp"
#include "inventory/toml_tree.hpp"

namespace audit::inventory {

/// An inventory's files as one tree, as if each stood where it is included.
struct Tree {
  NodeTable root;
  std::vector<FileRecord> files;  // in the order they were read; the first is the one that the user named
};

/// May a text name files? Not where it is no file itself.
enum class Including : std::uint8_t { refused, files };

/// Reads `text`, the bytes of `file`, and what its `include` names: paths and globs, relative to the including file. A file
/// that includes itself, also through others, is a mistake; one that is named twice is read once. What may be written once
/// is a mistake in two files; lists of tables, and the excludes and never ports of [scope], are put together.
[[nodiscard]] std::optional<Tree> read_tree(std::string_view text, const std::string& file, Including including,
                                            Mistakes& mistakes, Notices& notices);

}  // namespace audit::inventory
