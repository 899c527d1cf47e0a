#include "inventory/expanded_source.hpp"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace audit::inventory {
namespace {

using Json = rapidjson::Writer<rapidjson::StringBuffer>;

void put(Json& json, const std::string& text) {
  json.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

template <class Texts>
void put(Json& json, const char* name, const Texts& texts) {
  json.Key(name);
  json.StartArray();
  for (const std::string& text : texts) put(json, text);
  json.EndArray();
}

void put(Json& json, const char* name, const std::string& text) {
  json.Key(name);
  put(json, text);
}

const rapidjson::Value* member(const rapidjson::Value& json, const char* name) {
  if (!json.IsObject()) return nullptr;
  const auto found = json.FindMember(name);
  return found == json.MemberEnd() ? nullptr : &found->value;
}

std::string text_of(const rapidjson::Value& json) {
  return json.IsString() ? std::string(json.GetString(), json.GetStringLength()) : std::string();
}

std::string text_of(const rapidjson::Value& json, const char* name) {
  const rapidjson::Value* value = member(json, name);
  return value == nullptr ? std::string() : text_of(*value);
}

std::vector<std::string> texts_of(const rapidjson::Value& json, const char* name) {
  std::vector<std::string> texts;
  if (const rapidjson::Value* list = member(json, name); list != nullptr && list->IsArray())
    for (const rapidjson::Value& text : list->GetArray()) texts.push_back(text_of(text));
  return texts;
}

std::uint32_t number_of(const rapidjson::Value& json, const char* name) {
  const rapidjson::Value* value = member(json, name);
  return value != nullptr && value->IsUint() ? value->GetUint() : 0;
}

}  // namespace

std::string write_expanded(const ReadSource& source) {
  rapidjson::StringBuffer buffer;
  Json json(buffer);
  json.StartObject();
  json.Key("targets");
  json.StartArray();
  for (const SourcedTarget& target : source.targets) {
    json.StartObject();
    put(json, "address", target.address);
    put(json, "groups", target.groups);
    put(json, "tags", target.tags);
    put(json, "owner", target.owner);
    put(json, "criticality", target.criticality);
    json.Key("line");
    json.Uint(target.at.line);
    json.Key("column");
    json.Uint(target.at.column);
    json.EndObject();
  }
  json.EndArray();
  put(json, "plain_groups", source.plain_groups);
  put(json, "notices", source.notices);
  json.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

ReadSource read_expanded(std::string_view bytes) {
  ReadSource source;
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(bytes.data(), bytes.size());
  const rapidjson::Value* targets = json.HasParseError() ? nullptr : member(json, "targets");
  if (targets == nullptr || !targets->IsArray()) {
    source.mistakes.push_back({{}, "what was kept of this source cannot be read; begin a new run without --resume"});
    return source;
  }
  for (const rapidjson::Value& one : targets->GetArray()) {
    SourcedTarget& target = source.targets.emplace_back();
    target.address = text_of(one, "address");
    target.groups = texts_of(one, "groups");
    target.tags = texts_of(one, "tags");
    target.owner = text_of(one, "owner");
    target.criticality = text_of(one, "criticality");
    target.at.line = number_of(one, "line");
    target.at.column = number_of(one, "column");
  }
  for (std::string& group : texts_of(json, "plain_groups")) source.plain_groups.insert(std::move(group));
  source.notices = texts_of(json, "notices");
  return source;
}

}  // namespace audit::inventory
