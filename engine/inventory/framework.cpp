#include "inventory/framework.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/prescan.hpp"
#include "inventory/read_value.hpp"
#include "inventory/source.hpp"

namespace audit::inventory {
namespace {

constexpr std::size_t most_controls = 10'000;
constexpr std::string_view header = "[controls.\"CM-7\"]";
constexpr std::string_view row = "{ rule = \"exposure.*\", supports = \"partial\", why = \"…\" }";

/// An id stands in selections and in reports: letters, digits and . _ - ( ), no more than 64.
bool is_id(std::string_view id) {
  constexpr std::size_t longest = 64;
  return !id.empty() && id.size() <= longest && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("._-()").find(c) != std::string_view::npos;
  });
}

class FrameworkReader {
 public:
  FrameworkReader(Mistakes& mistakes, FrameworkFile& file) : mistakes_(mistakes), file_(file) {}

  void read(const NodeTable& root) {
    check_keys(mistakes_, root, "the file", {"schema", "id", "title", "version", "url", "note", "controls"});
    if (const KeyValue* schema = required(root, "schema", "schema = 1"))
      static_cast<void>(read_whole(mistakes_, *schema, 1, 1));
    if (const KeyValue* id = required(root, "id", "id = \"NIST-800-53\"")) {
      file_.framework.id = text(root, "id", "NIST-800-53");
      file_.id_place = mistakes_.place(id->at);
      if (!file_.framework.id.empty() && !is_id(file_.framework.id))
        mistakes_.add(id->node.at, "an id has letters, digits and . _ - ( ), at most 64 of them");
    }
    if (required(root, "title", "title = \"Security controls\"") != nullptr)
      file_.framework.title = text(root, "title", "Security controls");
    file_.framework.version = text(root, "version", "Rev. 5");
    file_.framework.url = text(root, "url", "https://example.net/");
    file_.framework.note = text(root, "note", "The titles are in our own words.");
    const KeyValue* controls = required(root, "controls", header);
    const NodeTable* table = controls != nullptr ? read_table(mistakes_, *controls, header) : nullptr;
    if (table == nullptr) return;
    if (table->size() > most_controls) {
      mistakes_.add(controls->at, fmt::format("has more than {} controls", most_controls));
      return;
    }
    for (const KeyValue& control : *table) read_control(control);
  }

 private:
  const KeyValue* required(const NodeTable& table, std::string_view key, std::string_view example) {
    const KeyValue* found = find(table, key);
    if (found == nullptr) mistakes_.add({}, fmt::format("has no {}; write {}", key, example));
    return found;
  }

  std::string text(const NodeTable& table, std::string_view key, std::string_view example) {
    const KeyValue* found = find(table, key);
    if (found == nullptr) return {};
    return read_text(mistakes_, *found, fmt::format("\"{}\"", example)).value_or("");
  }

  void read_control(const KeyValue& member) {
    const std::string shown = fmt::format("[controls.{}]", literal(member.key));
    if (!is_id(member.key))
      mistakes_.add(member.at,
                    fmt::format("{}: an id has letters, digits and . _ - ( ), at most 64 of them", abbreviated(shown)));
    const NodeTable* table = read_table(mistakes_, member, header);
    if (table == nullptr) return;
    check_keys(mistakes_, *table, abbreviated(shown), {"title", "rules"});
    Framework::Control control;
    control.id = member.key;
    if (find(*table, "title") == nullptr) {
      mistakes_.add(member.at,
                    fmt::format("{} has no title; write title = \"Least functionality\"", abbreviated(shown)));
    } else {
      control.title = text(*table, "title", "Least functionality");
    }
    if (const KeyValue* rules = find(*table, "rules"); rules != nullptr) read_rows(*rules, abbreviated(shown));
    file_.framework.controls.push_back(std::move(control));
  }

  void read_rows(const KeyValue& rules, const std::string& where) {
    const auto* list = rules.node.get_if<NodeList>();
    if (list == nullptr) {
      wrong_kind(mistakes_, rules, "a list of mappings", fmt::format("[{}]", row));
      return;
    }
    for (const Node& node : *list) {
      if (const auto* table = node.get_if<NodeTable>()) {
        read_row(*table, node.at, where);
      } else if (const auto* glob = node.get_if<std::string>()) {
        mistakes_.add(node.at,
                      fmt::format("a mapping says how far it bears on the control, and why: write {{ rule = {}, "
                                  "supports = \"partial\", why = \"…\" }}",
                                  quoted(*glob)));
      } else {
        mistakes_.add(node.at, fmt::format("rules has to hold mappings, such as {}; this is {}", row, kind_of(node)));
      }
    }
  }

  void read_row(const NodeTable& table, Position at, const std::string& where) {
    check_keys(mistakes_, table, fmt::format("a mapping of {}", where), {"rule", "supports", "why"});
    FrameworkFile::Pattern pattern;
    pattern.control = file_.framework.controls.size();
    pattern.glob = row_text(table, at, "rule", "exposure.*");
    pattern.why = row_text(table, at, "why", "it sees one service of many");
    if (const KeyValue* rule = find(table, "rule")) pattern.place = mistakes_.place(rule->node.at);
    const std::string supports = row_text(table, at, "supports", "partial");
    if (!supports.empty()) {
      const auto known = parse_support(supports);
      if (!known)
        mistakes_.add(find(table, "supports")->node.at,
                      fmt::format("supports is \"partial\" or \"full\"; this is {}{}", quoted(supports),
                                  did_you_mean(supports, {"partial", "full"})));
      pattern.supports = known.value_or(Support::partial);
    }
    if (!pattern.glob.empty()) file_.patterns.push_back(std::move(pattern));
  }

  /// A key that each mapping has.
  std::string row_text(const NodeTable& table, Position at, std::string_view key, std::string_view example) {
    if (find(table, key) == nullptr)
      mistakes_.add(at, fmt::format("this mapping has no {0}; write {0} = \"{1}\"", key, example));
    return text(table, key, example);
  }

  Mistakes& mistakes_;
  FrameworkFile& file_;
};

LoadedFramework failed(Mistakes& mistakes) { return {std::nullopt, mistakes.take()}; }

LoadedFramework load_bytes(std::string_view text, const std::string& file) {
  Mistakes mistakes(file);
  if (auto refusal = prescan(text)) {
    mistakes.add(refusal->at, std::move(refusal->message));
    return failed(mistakes);
  }
  const auto root = parse_toml(text, mistakes);
  if (!root) return failed(mistakes);
  LoadedFramework loaded;
  FrameworkFile& read = loaded.file.emplace();
  read.framework.file = file;
  FrameworkReader(mistakes, read).read(*root);
  if (mistakes.any()) return failed(mistakes);
  return loaded;
}

}  // namespace

LoadedFramework load_framework_text(std::string_view text, const std::string& file) {
  try {
    return load_bytes(text, file);
  } catch (const std::exception& error) {
    Mistakes mistakes(file);
    mistakes.add({}, fmt::format("cannot be loaded: {}", error.what()));
    return failed(mistakes);
  }
}

LoadedFramework load_framework(const std::string& path) {
  auto source = read_source(path);
  if (const auto* unreadable = std::get_if<Unreadable>(&source)) {
    Mistakes mistakes(path);
    mistakes.add({}, unreadable->why);
    return failed(mistakes);
  }
  return load_framework_text(std::get<std::string>(source), path);
}

}  // namespace audit::inventory
