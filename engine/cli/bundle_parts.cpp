#include "cli/bundle_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <map>
#include <variant>

#include "base/digest.hpp"
#include "inventory/source.hpp"
#include "report/jsonl.hpp"
#include "report/report.hpp"

namespace audit::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t text_width = 100;

/// "report.txt": what a viewer goes by, and two formats never share.
std::string file_of(const std::string& format) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> others{{{"text", "txt"},
                                                                                 {"junit", "junit.xml"},
                                                                                 {"markdown", "md"},
                                                                                 {"prometheus", "prom"},
                                                                                 {"hdf", "hdf.json"},
                                                                                 {"dot", "dot"},
                                                                                 {"oscal", "oscal.json"}}};
  for (const auto& [name, ending] : others)
    if (name == format) return fmt::format("report.{}", ending);
  return "report." + format;
}

seal::Piece piece_of(std::string path, std::string from, std::string bytes) {
  return {std::move(path), std::move(from), [bytes = std::move(bytes)](std::ostream& out) { out << bytes; }};
}

/// The rules' files as they are now.
struct RuleFiles {
  std::map<std::string, std::string> by_digest;  // their bytes
  std::vector<std::string> names;                // below their folder

  void add(const fs::path& file, const fs::path& shown) {
    auto read = inventory::read_named_file(file.string());
    std::string* const bytes = std::get_if<std::string>(&read);
    if (bytes == nullptr) return;
    names.push_back(shown.string());
    by_digest.emplace(sha256_hex(*bytes), std::move(*bytes));
  }
  void add_below(const fs::path& path) {
    std::error_code failure;
    if (!fs::is_directory(path, failure)) return add(path, path.filename());
    for (auto it = fs::recursive_directory_iterator(path, failure);
         !failure && it != fs::recursive_directory_iterator(); it.increment(failure))
      if (it->path().extension() == ".lua") add(it->path(), it->path().lexically_relative(path));
  }
};

/// "2-campus.toml": nothing of a path but its last part, in the characters that a bundle's paths have.
std::string packed_name(std::size_t number, const std::string& path) {
  constexpr std::size_t longest = 100;
  std::string name = fs::path(path).filename().string().substr(0, longest);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !seal::is_bundle_path(std::string("x") + c); }, '_');
  return fmt::format("inventory/{}-{}", number, name);
}

}  // namespace

void add_reports(const RunRecord& record, const std::vector<std::string>& formats, BundleParts& parts) {
  parts.pieces.push_back(
      {std::string(seal::record_name), "", [&](std::ostream& out) { report::write_record(record, out); }});
  report::Style style;
  style.width = text_width;
  for (const std::string& name : formats) {
    const report::Format& format = *report::find_format(name);
    parts.pieces.push_back({file_of(name), "", [&, style](std::ostream& out) { format.write(record, style, out); }});
  }
}

void add_rules(const RunRecord& record, const std::vector<std::string>& paths, BundleParts& parts) {
  RuleFiles files;
  for (const std::string& path : paths) files.add_below(path);
  for (const RuleRecord& rule : record.rules) {
    const std::string path = fmt::format("rules/{}.lua", rule.id);
    const auto found = files.by_digest.find(rule.sha256);
    if (found != files.by_digest.end() && seal::is_bundle_path(path)) {
      parts.pieces.push_back(piece_of(path, rule.file, found->second));
      continue;
    }
    const bool there = std::find(files.names.begin(), files.names.end(), rule.file) != files.names.end();
    const std::string why = rule.file == "built in" ? "built into the program"
                            : there                 ? fmt::format("{} was changed since the run", rule.file)
                                    : fmt::format("{} was not found; --rules PATH says where it is", rule.file);
    parts.not_packed.push_back({"rule " + rule.id, rule.sha256, why});
  }
}

void add_inventory(const RunRecord& record, BundleParts& parts) {
  std::size_t number = 0;
  for (const auto& file : record.inventory.files) {
    ++number;
    auto read = inventory::read_named_file(file.path);
    std::string* const bytes = std::get_if<std::string>(&read);
    if (bytes != nullptr && sha256_hex(*bytes) == file.sha256) {
      parts.pieces.push_back(piece_of(packed_name(number, file.path), file.path, std::move(*bytes)));
    } else {
      parts.not_packed.push_back(
          {"inventory " + file.path, file.sha256,
           bytes != nullptr ? "it was changed since the run" : std::get<inventory::Unreadable>(read).why});
    }
  }
  for (const SourceRecord& source : record.inventory.sources) {
    const std::string name = source.path.empty() && !source.command.empty() ? source.command.front() : source.path;
    parts.not_packed.push_back(
        {"source " + name, source.sha256, "what targets are taken from may hold secrets; its digest is in the record"});
  }
}

}  // namespace audit::cli
