#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "lua/rule.hpp"

namespace audit::lua {

/// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "audit-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string write(const std::string& name, std::string_view text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
  }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

/// A whole rule; `fields` begin on line 5.
inline std::string rule_text(const std::string& fields, const std::string& id = "test.rule") {
  const bool subject = fields.find("ports") == std::string::npos && fields.find("requires") == std::string::npos;
  return "return rule {\n  id = '" + id + "',\n  title = 'A rule',\n  severity = 'low',\n  " + fields + "\n" +
         (subject ? "  requires = 'nothing',\n" : "") + "  check = function(target) return info('x') end,\n}\n";
}

/// Loads one text as rule.lua.
inline LoadedRules load_text(const std::string& text) {
  const Folder folder;
  return load_rules({folder.write("rule.lua", text)}, "");
}

}  // namespace audit::lua
