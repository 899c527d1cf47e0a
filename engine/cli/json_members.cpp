#include "cli/json_members.hpp"

#include "base/text.hpp"

namespace audit::cli {
namespace {

using Json = rapidjson::Value;

}  // namespace

std::string text_of(const Json& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsString()) return {};
  return {member->value.GetString(), member->value.GetStringLength()};
}

std::string bytes_of(const Json& object, const char* name) { return from_visible(text_of(object, name)); }

std::uint64_t count_of(const Json& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsUint64() ? 0 : member->value.GetUint64();
}

double number_of(const Json& object, const char* name) {
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsNumber() ? 0 : member->value.GetDouble();
}

const Json& list_of(const Json& object, const char* name) {
  static const Json none(rapidjson::kArrayType);
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsArray() ? none : member->value;
}

const Json& object_of(const Json& object, const char* name) {
  static const Json none(rapidjson::kObjectType);
  const auto member = object.FindMember(name);
  return member == object.MemberEnd() || !member->value.IsObject() ? none : member->value;
}

}  // namespace audit::cli
