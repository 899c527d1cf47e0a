#include "inventory/load.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <unordered_map>

#include "base/digest.hpp"
#include "base/text.hpp"
#include "inventory/include.hpp"
#include "inventory/notation.hpp"
#include "inventory/sections.hpp"
#include "inventory/source.hpp"
#include "inventory/targets.hpp"

namespace audit::inventory {
namespace {

constexpr std::string_view no_targets = "there are no targets; name addresses, CIDRs, ranges or names after --target";

Loaded failed(Mistakes& mistakes) { return {std::nullopt, mistakes.take()}; }

Loaded failed_at(const std::string& file, Position at, std::string message) {
  Mistakes mistakes(file);
  mistakes.add(at, std::move(message));
  return failed(mistakes);
}

/// `load` with what the standard library throws as a mistake: in practice, no memory left.
template <class Load>
Loaded guarded(const std::string& file, Load load) {
  try {
    return load();
  } catch (const std::exception& error) {
    return failed_at(file, {}, fmt::format("cannot be loaded: {}", error.what()));
  }
}

/// Of one file its own; of several that of a list of their digests and names, as sha256sum prints it.
std::string digest_of(const std::vector<FileRecord>& files) {
  if (files.size() == 1) return files.front().sha256;
  const std::filesystem::path folder = std::filesystem::path(files.front().path).parent_path();
  std::string list;
  for (const FileRecord& file : files) {
    const std::filesystem::path relative = std::filesystem::path(file.path).lexically_relative(folder);
    list += fmt::format("{}  {}\n", file.sha256, relative.empty() ? file.path : relative.string());
  }
  return sha256_hex(list);
}

Loaded load_bytes(std::string_view text, const std::string& file, Including including, const LoadOptions& options) {
  constexpr std::string_view blank = " \t\r\n";
  if (text.find_first_not_of(blank) == std::string_view::npos)
    return failed_at(file, {1, 1},
                     "the file is empty; an inventory has at least [[targets]] and below it "
                     "address = \"10.0.0.0/24\"");
  if (text.size() > largest_file)
    return failed_at(file, {},
                     fmt::format("is larger than {} MiB, the most that an inventory may be", largest_file >> 20U));
  Mistakes mistakes(file);
  Notices notices;
  auto tree = read_tree(text, file, including, mistakes, notices);
  if (!tree || mistakes.any()) return failed(mistakes);  // what is missing would seem to be forgotten
  Loaded loaded;
  Inventory& inventory = loaded.inventory.emplace();
  inventory.path = file;
  inventory.sha256 = digest_of(tree->files);
  inventory.files = std::move(tree->files);
  read_inventory(tree->root, options, mistakes, notices, inventory);
  if (mistakes.any()) return failed(mistakes);
  inventory.notices = notices.take();
  return loaded;
}

/// The items of "HOST,CIDR", blanks around them dropped.
std::vector<std::string> items_of(const std::vector<std::string>& targets) {
  std::vector<std::string> items;
  for (const std::string& target : targets) {
    std::string_view rest = target;
    while (true) {
      std::string_view item = rest.substr(0, rest.find(','));
      const std::size_t taken = item.size();
      while (item.starts_with(' ')) item.remove_prefix(1);
      while (item.ends_with(' ')) item.remove_suffix(1);
      items.emplace_back(item);
      if (taken == rest.size()) break;
      rest.remove_prefix(taken + 1);
    }
  }
  return items;
}

Loaded load_targets(const std::vector<std::string>& targets, const std::string& written) {
  const Place place{written, 0, 0};
  Mistakes mistakes(place.file);
  Notices notices;
  Loaded loaded;
  Inventory& inventory = loaded.inventory.emplace();
  inventory.scope.never = default_never();
  Settings plain;
  plain.never = inventory.scope.never;
  const auto settings = std::make_shared<const Settings>(std::move(plain));
  std::unordered_map<std::string, std::size_t> known;
  for (const std::string& item : items_of(targets)) {
    auto parsed = parse_target(item);
    if (const auto* complaint = std::get_if<Complaint>(&parsed)) {
      mistakes.add({}, complaint->text);
      continue;
    }
    Entry entry = std::get<Entry>(std::move(parsed));
    entry.settings = settings;
    if (entry.port != 0) {
      Settings own = *settings;
      own.ports.add(entry.port, entry.port);
      own.urls = {item};
      entry.settings = std::make_shared<const Settings>(std::move(own));
    }
    entry.place = place;
    if (known.emplace(identity_of(entry), known.size()).second)
      inventory.entries.push_back(std::move(entry));
    else
      notices.add(place, fmt::format("{} is named twice", visible(item)));
  }
  split_blocks(inventory.entries);
  if (targets.empty()) mistakes.add({}, std::string(no_targets));
  if (mistakes.any()) return failed(mistakes);
  notice_overlaps(inventory.entries, notices);
  inventory.notices = notices.take();
  return loaded;
}

}  // namespace

Loaded load_text(std::string_view text, const std::string& file, LoadOptions options) {
  options.access = SourceAccess::none;
  return guarded(file, [&] { return load_bytes(text, file, Including::refused, options); });
}

Loaded load_file(const std::string& path, const LoadOptions& options) {
  const std::string shown = path == "-" ? "standard input" : path;
  return guarded(shown, [&] {
    auto source = read_source(path);
    if (const auto* unreadable = std::get_if<Unreadable>(&source)) return failed_at(shown, {}, unreadable->why);
    Loaded loaded = load_bytes(std::get<std::string>(source), shown, Including::files, options);
    if (loaded.inventory) loaded.inventory->path = path;
    return loaded;
  });
}

Loaded from_targets(const std::vector<std::string>& targets, const std::string& written) {
  return guarded(written, [&] { return load_targets(targets, written); });
}

}  // namespace audit::inventory
