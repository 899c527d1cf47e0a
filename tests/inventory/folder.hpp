#pragma once

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/load.hpp"

namespace audit::inventory {

/// A folder of its own, gone afterwards.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "audit-inventory-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file, and the folders above it; its path.
  std::string write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
    return file(name);
  }

 private:
  std::filesystem::path path_;
};

/// The mistakes of a loading, paths told from the folder on: it is another one each time.
inline std::vector<std::string> mistakes_in(const Folder& folder, const Loaded& result) {
  CHECK_FALSE(result.inventory);
  std::vector<std::string> lines;
  const std::string prefix = folder.file("");
  for (const Mistake& mistake : result.mistakes) {
    std::string text = mistake.text();
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    lines.push_back(text);
  }
  return lines;
}

/// What the targets of an inventory are called, in its order.
inline std::vector<std::string> texts_of(const Inventory& inventory) {
  std::vector<std::string> texts;
  for (const Entry& entry : inventory.entries) texts.push_back(entry.text);
  return texts;
}

}  // namespace audit::inventory
