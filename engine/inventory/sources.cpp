#include "inventory/sources.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "inventory/command_output.hpp"
#include "inventory/disclosure.hpp"
#include "inventory/expanded_source.hpp"
#include "inventory/source.hpp"
#include "inventory/target_source.hpp"

namespace audit::inventory {
namespace {

constexpr Duration usual_timeout = std::chrono::seconds(60);

struct Format {
  std::string_view name;
  ReadSource (*read)(std::string_view bytes);
};

constexpr std::array<Format, 4> formats{{
    {"text", read_text_source},
    {"csv", read_csv_source},
    {"ansible", read_ansible_source},
    {"netbox", read_netbox_source},
}};

WallTime now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

WallTime changed(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return now();
  const auto since = std::chrono::seconds(about.st_mtim.tv_sec) + std::chrono::nanoseconds(about.st_mtim.tv_nsec);
  return WallTime(std::chrono::floor<std::chrono::milliseconds>(since));
}

/// "" for a file of the working directory.
std::string folder_of(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

Node text_node(const std::string& text, Position at) {
  Node node;
  node.at = at;
  node.value = text;
  return node;
}

void put(NodeTable& table, const char* key, Node node) {
  const Position at = node.at;
  table.push_back({key, at, std::move(node)});
}

void put_list(NodeTable& table, const char* key, const std::vector<std::string>& texts, Position at) {
  if (texts.empty()) return;
  NodeList list;
  for (const std::string& text : texts) list.push_back(text_node(text, at));
  Node node;
  node.at = at;
  node.value = std::move(list);
  put(table, key, std::move(node));
}

/// As the inventory would write it below [[targets]].
Node table_of(const SourcedTarget& target, std::uint32_t file) {
  Position at = target.at;
  at.file = file;
  NodeTable table;
  put(table, "address", text_node(target.address, at));
  put_list(table, "groups", target.groups, at);
  put_list(table, "tags", target.tags, at);
  if (!target.owner.empty()) put(table, "owner", text_node(target.owner, at));
  if (!target.criticality.empty()) put(table, "criticality", text_node(target.criticality, at));
  Node node;
  node.at = at;
  node.value = std::move(table);
  return node;
}

class SourceReader {
 public:
  SourceReader(Mistakes& mistakes, Notices& notices, GroupGraph& groups, const LoadOptions& options,
               Inventory& inventory, const std::vector<CredentialSource>& credentials)
      : mistakes_(mistakes), notices_(notices), groups_(groups), access_(options.access), inventory_(inventory),
        credentials_(credentials) {
    if (options.known) known_ = options.known(inventory);
  }

  std::optional<SourcedTargets> read(const Node& node) {
    const auto* table = node.get_if<NodeTable>();
    if (table == nullptr) {
      mistakes_.add(node.at, "a source has to be a table: write [[sources]], and below it format and file");
      return std::nullopt;
    }
    std::vector<std::string_view> known{"format", "file", "command", "timeout", "groups", "zone"};
    known.insert(known.end(), std::begin(layer_keys), std::end(layer_keys));
    check_keys(mistakes_, *table, "[[sources]]", known);
    SourcedTargets sourced;
    sourced.common = read_layer(mistakes_, *table, inventory_.params);
    if (const KeyValue* zone = find(*table, "zone")) read_zone(mistakes_, *zone, sourced.common);
    if (const KeyValue* groups = find(*table, "groups"))
      sourced.groups = read_texts(mistakes_, *groups, "\"switches\"");
    const Format* format = read_format(node, *table);
    Origin origin;
    const auto bytes = fetch(node, *table, origin);
    if (format == nullptr || !bytes) return std::nullopt;
    sourced.structured = format->name != "text";
    ReadSource read = origin.known ? read_expanded(*bytes) : format->read(*bytes);
    SourceRecord& record = origin.record;
    if (!origin.known) {
      record.kind = format->name;
      record.sha256 = sha256_hex(*bytes);
    }
    record.targets = read.targets.size();
    if (!record.command.empty() && read.mistakes.empty())
      inventory_.expanded.push_back({record, origin.known ? *bytes : write_expanded(read)});
    adopt(std::move(read), node.at, origin.shown, sourced);
    inventory_.sources.push_back(std::move(record));
    return sourced;
  }

 private:
  /// Where the bytes of a source are from.
  struct Origin {
    SourceRecord record;
    std::string shown;   // in messages about what stands in it
    bool known = false;  // it was expanded when the run began, and the bytes are that
  };

  const Format* read_format(const Node& node, const NodeTable& table) {
    const KeyValue* member = find(table, "format");
    const auto* text = member == nullptr ? nullptr : member->node.get_if<std::string>();
    if (text != nullptr)
      for (const Format& format : formats)
        if (format.name == *text) return &format;
    const std::vector<std::string_view> names{"text", "csv", "ansible", "netbox"};
    mistakes_.add(member == nullptr ? node.at : member->node.at,
                  fmt::format("a source needs format = \"text\", \"csv\", \"ansible\" or \"netbox\"{}",
                              text == nullptr ? ""
                                              : fmt::format("; this is {}{}", inventory::quoted(*text),
                                                            did_you_mean(*text, names))));
    return nullptr;
  }

  std::optional<std::string> fetch(const Node& node, const NodeTable& table, Origin& origin) {
    const KeyValue* file = find(table, "file");
    const KeyValue* command = find(table, "command");
    if ((file == nullptr) == (command == nullptr)) {
      mistakes_.add(node.at, "a source has either file = \"hosts.csv\" or command = [\"program\", \"argument\"]");
      return std::nullopt;
    }
    const KeyValue* timeout = find(table, "timeout");
    if (timeout != nullptr && command == nullptr)
      mistakes_.add(timeout->at, "timeout is how long a command may take; a file has none");
    if (file != nullptr) return read_file(*file, origin);
    const auto patience =
        timeout == nullptr ? std::optional<Duration>(usual_timeout)
                           : read_duration(mistakes_, *timeout, std::chrono::milliseconds(1), std::chrono::minutes(10));
    return patience ? run(*command, *patience, origin) : std::nullopt;
  }

  std::optional<std::string> read_file(const KeyValue& member, Origin& origin) {
    SourceRecord& record = origin.record;
    const auto name = read_text(mistakes_, member, "\"hosts.csv\"");
    if (!name) return std::nullopt;
    if (access_ == SourceAccess::none) {
      mistakes_.add(member.node.at, "sources are only read for an inventory that is a file");
      return std::nullopt;
    }
    if (*name == "-") {
      mistakes_.add(member.node.at, "a source is a file with a name; standard input may be the inventory");
      return std::nullopt;
    }
    record.path = name->starts_with('/') ? *name : folder_of(mistakes_.place(member.node.at).file) + *name;
    origin.shown = record.path;
    if (const CredentialSource* secret = credential_of(record.path)) {
      mistakes_.add(member.node.at,
                    fmt::format("{} is the secret of [credentials.{}] ({}), and no list of targets; name "
                                "the file that lists them",
                                visible(record.path), visible(secret->name, 100), format_place(secret->place)));
      return std::nullopt;
    }
    record.time = changed(record.path);
    auto bytes = read_named_file(record.path);
    if (const auto* unreadable = std::get_if<Unreadable>(&bytes)) {
      mistakes_.add(member.node.at, fmt::format("{} {}", visible(record.path), unreadable->why));
      return std::nullopt;
    }
    return std::get<std::string>(std::move(bytes));
  }

  [[nodiscard]] const CredentialSource* credential_of(const std::string& path) const {
    std::error_code failure;
    for (const CredentialSource& credential : credentials_) {
      const std::filesystem::path folder = std::filesystem::path(credential.place.file).parent_path();
      if (!credential.file.empty() && std::filesystem::equivalent(folder / credential.file, path, failure))
        return &credential;
    }
    return nullptr;
  }

  std::optional<std::string> run(const KeyValue& member, Duration timeout, Origin& origin) {
    SourceRecord& record = origin.record;
    if (member.node.get_if<std::string>() != nullptr) {
      mistakes_.add(member.node.at,
                    "command has to be a list, program and arguments apart: command = [\"ansible-inventory\", "
                    "\"--list\"]; no shell reads it");
      return std::nullopt;
    }
    std::vector<std::string> command;
    for (const Text& word : read_texts(mistakes_, member, "\"ansible-inventory\"")) {
      command.push_back(word.text);
      record.command.push_back(scrubbed(word.text, {}));  // it stands in reports
    }
    if (command.empty()) {
      mistakes_.add(member.node.at, "command names no program; write command = [\"ansible-inventory\", \"--list\"]");
      return std::nullopt;
    }
    origin.shown = "what " + record.command.front() + " printed";
    const std::size_t number = commands_++;
    if (number < known_.size() && known_[number].record.command == record.command) {
      record = known_[number].record;
      origin.known = true;
      return known_[number].targets;
    }
    if (access_ != SourceAccess::commands) {
      mistakes_.add(member.at, fmt::format("this inventory wants to run {}; commands run only with --allow-commands, "
                                           "since whoever changes an inventory would otherwise run code here",
                                           inventory::quoted(record.command.front())));
      return std::nullopt;
    }
    record.time = now();
    auto bytes = output_of(command, folder_of(mistakes_.place(member.at).file), timeout, largest_file);
    if (const auto* unreadable = std::get_if<Unreadable>(&bytes)) {
      mistakes_.add(member.node.at, fmt::format("{} {}", inventory::quoted(record.command.front()),
                                                scrubbed(unreadable->why, secrets_at_hand(credentials_))));
      return std::nullopt;
    }
    return std::get<std::string>(std::move(bytes));
  }

  void adopt(ReadSource&& read, Position at, const std::string& shown, SourcedTargets& sourced) {
    const std::uint32_t file = mistakes_.add_file(shown);
    for (ReadSource::Complaint& complaint : read.mistakes) {
      complaint.at.file = file;
      mistakes_.add(complaint.at, std::move(complaint.text));
    }
    Position whole;
    whole.file = file;
    for (const std::string& notice : read.notices) notices_.add(mistakes_.place(whole), notice);
    for (const std::string& group : read.plain_groups) {
      if (!groups_.knows(group)) plain_.push_back(group);
      groups_.add_plain(group);
    }
    if (!plain_.empty())
      notices_.add(mistakes_.place(whole),
                   fmt::format("{} not of this inventory and {} no settings: {}",
                               counted(plain_.size(), "group is", "groups are"), plain_.size() == 1 ? "has" : "have",
                               abbreviated(fmt::format("{}", fmt::join(plain_, ", ")))));
    plain_.clear();
    for (const SourcedTarget& target : read.targets) sourced.tables.push_back(table_of(target, file));
    if (sourced.tables.empty() && read.mistakes.empty())
      mistakes_.add(at, fmt::format("{} names no target; an export that has become empty would pass for a network "
                                    "without faults, so take the source out if that is meant",
                                    visible(shown)));
  }

  Mistakes& mistakes_;
  Notices& notices_;
  GroupGraph& groups_;
  SourceAccess access_;
  Inventory& inventory_;
  const std::vector<CredentialSource>& credentials_;
  std::vector<std::string> plain_;
  std::vector<ExpandedSource> known_;
  std::size_t commands_ = 0;  // met so far
};

}  // namespace

std::vector<SourcedTargets> read_sources(Mistakes& mistakes, Notices& notices, const KeyValue* section,
                                         GroupGraph& groups, const LoadOptions& options, Inventory& inventory,
                                         const std::vector<CredentialSource>& credentials) {
  std::vector<SourcedTargets> all;
  if (section == nullptr) return all;
  const auto* nodes = section->node.get_if<NodeList>();
  if (nodes == nullptr) {
    mistakes.add(section->at, "sources is a list of tables; write [[sources]], with two brackets, above each");
    return all;
  }
  SourceReader reader(mistakes, notices, groups, options, inventory, credentials);
  for (const Node& node : *nodes)
    if (auto sourced = reader.read(node)) all.push_back(std::move(*sourced));
  return all;
}

}  // namespace audit::inventory
