#include "probe/sealed.hpp"

#include "base/digest.hpp"
#include "probe/context.hpp"

namespace audit::probe {
namespace {

constexpr std::string_view number_key = "\x01sealed";
constexpr std::string_view digest_key = "\x01digest";

}  // namespace

Result<void> permit(Context& context, const Sealed& sealed, const Endpoint& to, const Channel& channel) {
  const Credentials& credentials = *context.target().services().identity.credentials;
  for (const std::string& name : sealed.credentials)
    if (Result<void> allowed = credentials.permit(name, context.target(), to, channel); !allowed) return allowed;
  return {};
}

Value mark_of(const Sealed& sealed, std::size_t number) {
  std::string whole;
  for (const std::string& name : sealed.credentials) whole += name + '\0';
  Value::Object mark;
  mark[number_key] = static_cast<std::int64_t>(number);
  mark[digest_key] = sha256_hex(whole + '\0' + sealed.bytes);
  return mark;
}

bool is_mark(const Value& value) {
  const auto* object = value.get_if<Value::Object>();
  return object != nullptr && object->contains(number_key);
}

std::size_t number_of(const Value& mark) {
  return static_cast<std::size_t>(*mark.get_if<Value::Object>()->at(number_key).get_if<std::int64_t>());
}

}  // namespace audit::probe
