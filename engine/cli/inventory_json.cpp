#include <fmt/format.h>

#include "cli/inventory_output.hpp"
#include "cli/json_line.hpp"

namespace audit::cli {
namespace {

using inventory::Entry;

void put_place(JsonLine& json, const inventory::Place& place) {
  if (place.line == 0) return;
  json.Key("file");
  put(json, place.file);
  json.Key("line");
  json.Uint(place.line);
  json.Key("column");
  json.Uint(place.column);
}

void put_texts(JsonLine& json, const char* key, const std::vector<std::string>& texts) {
  json.Key(key);
  json.StartArray();
  for (const std::string& text : texts) put(json, text);
  json.EndArray();
}

void put_text(JsonLine& json, const char* key, std::string_view text) {
  json.Key(key);
  put(json, text);
}

void put_entry(JsonLine& json, const Entry& entry) {
  json.StartObject();
  put_text(json, "target", entry.text);
  put_text(json, "kind",
           entry.kind == Entry::Kind::address ? "address"
           : entry.kind == Entry::Kind::name  ? "name"
                                              : "block");
  json.Key("addresses");
  json.Uint64(entry.kind == Entry::Kind::name ? 0 : entry.block.size());
  put_texts(json, "groups", entry.settings->groups);
  put_texts(json, "tags", entry.settings->tags);
  put_text(json, "owner", entry.settings->owner);
  put_text(json, "safety", name_of(entry.settings->safety));
  put_place(json, entry.place);
  json.EndObject();
}

void put_origin(JsonLine& json, const inventory::Origin& origin) {
  json.StartObject();
  put_text(json, "value", origin.value);
  put_text(json, "from", origin.from);
  put_place(json, origin.place);
  json.EndObject();
}

void print(const rapidjson::StringBuffer& buffer) {
  fmt::print("{}\n", std::string_view(buffer.GetString(), buffer.GetSize()));
}

}  // namespace

void print_inventory_json(const inventory::Inventory& inventory) {
  rapidjson::StringBuffer buffer;
  JsonLine json(buffer);
  json.StartObject();
  json.Key("inventory");
  json.StartObject();
  put_text(json, "path", inventory.path);
  put_text(json, "sha256", inventory.sha256);
  json.Key("files");
  json.StartArray();
  for (const inventory::FileRecord& file : inventory.files) {
    json.StartObject();
    put_text(json, "path", file.path);
    put_text(json, "sha256", file.sha256);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  json.Key("groups");
  json.StartArray();
  for (const inventory::GroupRecord& group : inventory.groups) {
    json.StartObject();
    put_text(json, "name", group.name);
    put_texts(json, "parents", group.parents);
    json.Key("priority");
    json.Int64(group.priority);
    put_place(json, group.place);
    json.EndObject();
  }
  json.EndArray();
  json.Key("entries");
  json.StartArray();
  for (const Entry& entry : inventory.entries) put_entry(json, entry);
  json.EndArray();
  json.Key("excluded");
  json.StartArray();
  for (const inventory::Exclude& exclude : inventory.scope.exclude) {
    json.StartObject();
    put_text(json, "pattern", exclude.text);
    put_place(json, exclude.place);
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  print(buffer);
}

void print_explained_json(const std::string& target, const inventory::Membership& membership) {
  rapidjson::StringBuffer buffer;
  JsonLine json(buffer);
  json.StartObject();
  put_text(json, "target", target);
  json.Key("entry");
  put_entry(json, *membership.entry);
  put_text(json, "zone", membership.zone == nullptr ? "" : membership.zone->name);
  json.Key("excluded_by");
  membership.excluded == nullptr ? static_cast<void>(json.Null()) : put(json, membership.excluded->text);
  json.Key("passed_over");
  json.StartArray();
  for (const Entry* other : membership.also) put_entry(json, *other);
  json.EndArray();
  json.Key("settings");
  json.StartArray();
  for (const inventory::Setting& setting : inventory::explain(membership)) {
    json.StartObject();
    put_text(json, "key", setting.key);
    put_text(json, "value", setting.value);
    json.Key("origins");
    json.StartArray();
    for (const inventory::Origin& origin : setting.origins) put_origin(json, origin);
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  print(buffer);
}

}  // namespace audit::cli
