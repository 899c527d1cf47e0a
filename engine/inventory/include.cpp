#include "inventory/include.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "inventory/disclosure.hpp"
#include "inventory/prescan.hpp"
#include "inventory/read_value.hpp"
#include "inventory/sections.hpp"
#include "inventory/source.hpp"
#include "inventory/unite.hpp"

namespace audit::inventory {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_files = 10'000;
constexpr std::size_t most_levels = 16;

bool is_glob(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

/// What a file is, whatever path leads to it.
std::string identity_of(const std::string& path) {
  std::error_code failure;
  const fs::path same = fs::canonical(path, failure);
  return failure ? path : same.string();
}

/// The paths that a pattern matches, in the order of their bytes. Characters of a glob in the folder's own name are meant
/// as they stand.
std::vector<std::string> matches_of(const fs::path& folder, const std::string& pattern) {
  std::string escaped;
  for (const char c : folder.string()) {
    if (std::string_view("*?[]\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  const std::string whole = pattern.starts_with('/') ? pattern : (fs::path(escaped) / pattern).string();
  glob_t found{};
  std::vector<std::string> paths;
  if (::glob(whole.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
    paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  ::globfree(&found);
  std::sort(paths.begin(), paths.end());
  return paths;
}

class Reader {
 public:
  Reader(Including including, Mistakes& mistakes, Notices& notices)
      : including_(including), mistakes_(mistakes), notices_(notices) {}

  std::optional<NodeTable> read(std::string_view text, const std::string& path, std::uint32_t file) {
    if (auto refusal = prescan(text)) {
      refusal->at.file = file;
      mistakes_.add(refusal->at, std::move(refusal->message));
      return std::nullopt;
    }
    files_.push_back({path, sha256_hex(text)});
    bytes_ += text.size();
    std::optional<NodeTable> own = parse_toml(text, mistakes_, file, file == 0 || looks_like_inventory(text));
    if (!own) return std::nullopt;
    const auto known = [](const KeyValue& member) { return is_root_key(member.key); };
    if (file != 0 && !own->empty() && std::none_of(own->begin(), own->end(), known)) {
      mistakes_.add(
          own->front().at,
          "no key of this file is one of an inventory; is it the right file? (None is shown, since they may be "
          "parts of a secret.)");
      return std::nullopt;
    }
    const auto include =
        std::find_if(own->begin(), own->end(), [](const KeyValue& member) { return member.key == "include"; });
    if (include == own->end()) return own;
    const KeyValue names = std::move(*include);
    own->erase(include);
    if (including_ == Including::refused) {
      mistakes_.add(names.at, "include is for inventories that are read from a file");
      return own;
    }
    open_.push_back(identity_of(path));
    NodeTable root;
    for (const Text& name : read_texts(mistakes_, names, "\"sites/*.toml\"")) include_all(root, path, name);
    open_.pop_back();
    add(root, std::move(*own));
    return root;
  }

  [[nodiscard]] std::vector<FileRecord> take_files() { return std::move(files_); }

 private:
  void include_all(NodeTable& root, const std::string& from, const Text& name) {
    const fs::path folder = fs::path(from).parent_path();
    const std::vector<std::string> paths =
        is_glob(name.text) ? matches_of(folder, name.text) : std::vector<std::string>{(folder / name.text).string()};
    if (paths.empty())
      mistakes_.add(name.at,
                    fmt::format("no file matches {}, looked for in {}; take it out, or mend the path",
                                inventory::quoted(name.text), folder.empty() ? "." : visible(folder.string())));
    for (const std::string& path : paths) include_one(root, path, name.at);
  }

  void include_one(NodeTable& root, const std::string& path, Position at) {
    const std::string identity = identity_of(path);
    if (std::find(open_.begin(), open_.end(), identity) != open_.end()) {
      mistakes_.add(at, fmt::format("{} includes itself{}; take one of the includes out", visible(path),
                                    open_.back() == identity ? "" : " through the files between"));
      return;
    }
    if (!read_.insert(identity).second) {
      notices_.add(mistakes_.place(at), fmt::format("{} is included twice, and read once", visible(path)));
      return;
    }
    if (open_.size() >= most_levels || files_.size() >= most_files) {
      mistakes_.add(at, fmt::format("{}: an inventory has at most {} files, included through at most {} levels",
                                    visible(path), most_files, most_levels));
      return;
    }
    auto source = read_named_file(path);
    if (const auto* unreadable = std::get_if<Unreadable>(&source)) {
      mistakes_.add(at, fmt::format("{} {}", visible(path), unreadable->why));
      return;
    }
    const std::string& text = std::get<std::string>(source);
    if (bytes_ + text.size() > largest_file) {
      mistakes_.add(
          at, fmt::format("with {} the inventory is larger than {} MiB, the most that it may be with all its files",
                          visible(path), largest_file >> 20U));
      return;
    }
    if (auto tree = read(text, path, mistakes_.add_file(path))) add(root, std::move(*tree));
  }

  /// `schema` may stand in each file: it says how to read that file.
  void add(NodeTable& root, NodeTable&& more) {
    const auto schema =
        std::find_if(more.begin(), more.end(), [](const KeyValue& member) { return member.key == "schema"; });
    if (schema != more.end() && find(root, "schema") != nullptr) {
      read_schema(mistakes_, *schema);
      more.erase(schema);
    }
    unite(mistakes_, root, std::move(more));
  }

  Including including_;
  Mistakes& mistakes_;
  Notices& notices_;
  std::vector<FileRecord> files_;
  std::vector<std::string> open_;  // the files that lead to the one being read
  std::set<std::string> read_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::optional<Tree> read_tree(std::string_view text, const std::string& file, Including including, Mistakes& mistakes,
                              Notices& notices) {
  Reader reader(including, mistakes, notices);
  std::optional<NodeTable> root = reader.read(text, file, 0);
  if (!root) return std::nullopt;
  return Tree{std::move(*root), reader.take_files()};
}

}  // namespace audit::inventory
