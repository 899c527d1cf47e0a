#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "lua/arguments.hpp"
#include "lua/check.hpp"
#include "lua/sandbox.hpp"
#include "lua/secret.hpp"
#include "proto/cipher.hpp"
#include "proto/hash.hpp"

// crypto: hashes, HMAC, ciphers, random bytes, marks.

namespace audit::lua {
namespace {

constexpr std::uint64_t bytes_a_step = 16;
constexpr std::uint64_t bytes_a_des_step = 4;
constexpr std::uint64_t steps_a_call = 64;
constexpr lua_Integer most_random = 1'024;

LUAI_UACINT number(std::size_t size) noexcept { return static_cast<LUAI_UACINT>(size); }

proto::Hash hash_argument(lua_State* L, const char* function) {
  const std::string_view name = text_argument(L, function, 1, "name of a hash");
  const std::optional<proto::Hash> found = proto::find_hash(name);
  if (!found) raise_mistake(L, function, "no hash `%s`; there are %s", name.data(), proto::hash_names().data());
  return *found;
}

int push_hash(lua_State* L, const char* function, const proto::HashBytes& bytes, std::size_t size) {
  if (size == 0) return raise_local_fault(L, function, "this machine's OpenSSL refuses this hash");
  lua_pushlstring(L, reinterpret_cast<const char*>(bytes.data()), size);
  return 1;
}

/// A string, or the bytes of a credential: what comes of them here is what a peer is to see.
std::string_view bytes_argument(lua_State* L, const char* function, int index, const char* what) {
  const void* secret = secret_at(L, index);
  return secret != nullptr ? bytes_of(secret) : text_argument(L, function, index, what);
}

int crypto_hash(lua_State* L) {
  const proto::Hash kind = hash_argument(L, "crypto.hash");
  const std::string_view bytes = text_argument(L, "crypto.hash", 2, "bytes");
  spend_steps(L, steps_a_call + bytes.size() / bytes_a_step);
  proto::HashBytes out;
  return push_hash(L, "crypto.hash", out, proto::hash(kind, bytes, out));
}

int crypto_hmac(lua_State* L) {
  const proto::Hash kind = hash_argument(L, "crypto.hmac");
  const std::string_view key = bytes_argument(L, "crypto.hmac", 2, "key");
  const std::string_view bytes = bytes_argument(L, "crypto.hmac", 3, "bytes");
  spend_steps(L, steps_a_call + (key.size() + bytes.size()) / bytes_a_step);
  proto::HashBytes out;
  return push_hash(L, "crypto.hmac", out, proto::hmac(kind, key, bytes, out));
}

/// What encrypt and decrypt are called with. The strings are on Lua's stack, or in the table that is.
struct Request {
  const char* function;
  const proto::Cipher* cipher;
  proto::CipherInput input;
  std::string_view bytes;
  std::string_view tag;
  bool has_tag;
};

void read_option(lua_State* L, Request& request) {
  const char* key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
  const std::string_view name = key;
  const bool encrypts_whole_blocks = request.cipher->in_blocks();
  const bool gcm = request.cipher->mode == proto::CipherMode::gcm;
  std::size_t size = 0;
  if (name == "padding" && encrypts_whole_blocks) {
    if (!lua_isboolean(L, -1)) raise_mistake(L, request.function, "option `padding` is to be true or false");
    request.input.padding = lua_toboolean(L, -1) != 0;
  } else if ((name == "aad" || name == "tag") && gcm) {
    if (lua_type(L, -1) != LUA_TSTRING) raise_mistake(L, request.function, "option `%s` is to be a string", key);
    const char* text = lua_tolstring(L, -1, &size);
    (name == "aad" ? request.input.aad : request.tag) = std::string_view(text, size);
    request.has_tag = request.has_tag || name == "tag";
  } else {
    raise_mistake(L, request.function, "no option `%s` for %s; %s", key, request.cipher->name.data(),
                  gcm                     ? "there are `aad` and, to decrypt, `tag`"
                  : encrypts_whole_blocks ? "there is `padding`"
                                          : "there is none");
  }
}

/// (name, key, iv, bytes [, options])
Request read_request(lua_State* L, const char* function) {
  Request request{function, nullptr, {}, {}, {}, false};
  const std::string_view name = text_argument(L, function, 1, "name of a cipher");
  request.cipher = proto::find_cipher(name);
  if (request.cipher == nullptr)
    raise_mistake(L, function, "no cipher `%s`; there are aes-(128|192|256)-(ecb|cbc|ctr|cfb128|gcm) and des-cbc",
                  name.data());
  const proto::Cipher& cipher = *request.cipher;
  request.input.key = text_argument(L, function, 2, "key");
  if (request.input.key.size() != cipher.key_size)
    raise_mistake(L, function, "argument 2 (key) is to be %I bytes for %s, not %I", number(cipher.key_size),
                  cipher.name.data(), number(request.input.key.size()));
  request.input.iv = text_argument(L, function, 3, "initialisation vector, \"\" for ecb");
  const std::size_t iv = request.input.iv.size();
  if (cipher.mode == proto::CipherMode::gcm ? iv < 1 || iv > proto::longest_iv : iv != cipher.iv_size)
    raise_mistake(L, function, "argument 3 (initialisation vector) is to be %s%I bytes for %s, not %I",
                  cipher.mode == proto::CipherMode::gcm ? "1 to 64, usually " : "", number(cipher.iv_size),
                  cipher.name.data(), number(iv));
  request.bytes = text_argument(L, function, 4, "bytes");
  lua_settop(L, 5);
  if (!lua_isnil(L, 5)) {
    if (!lua_istable(L, 5)) raise_mistake(L, function, "argument 5 (options) is to be a table");
    count_walk(L);
    for (lua_pushnil(L); lua_next(L, 5) != 0; lua_pop(L, 1)) read_option(L, request);
  }
  const std::uint64_t a_step = cipher.block_size == 8 ? bytes_a_des_step : bytes_a_step;
  spend_steps(L, steps_a_call + (request.bytes.size() + request.input.aad.size()) / a_step);
  return request;
}

bool is_whole_blocks(const Request& request) noexcept { return request.bytes.size() % request.cipher->block_size == 0; }

int crypto_encrypt(lua_State* L) {
  const Request request = read_request(L, "crypto.encrypt");
  const proto::Cipher& cipher = *request.cipher;
  if (request.has_tag)
    return raise_mistake(L, request.function, "`tag` is an option of crypto.decrypt; here it is a result");
  if (cipher.in_blocks() && !request.input.padding && !is_whole_blocks(request))
    return raise_mistake(L, request.function,
                         "argument 4 (bytes) is to be whole blocks of %I bytes without padding, not %I",
                         number(cipher.block_size), number(request.bytes.size()));
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(L, &buffer, request.bytes.size() + cipher.block_size);
  std::size_t size = 0;
  proto::CipherTag tag{};
  if (proto::encrypt(cipher, request.input, request.bytes, out, size, tag) != proto::CipherOutcome::done)
    return raise_local_fault(L, request.function, "this machine's OpenSSL refuses this cipher");
  luaL_pushresultsize(&buffer, size);
  if (cipher.mode != proto::CipherMode::gcm) return 1;
  lua_pushlstring(L, tag.data(), tag.size());
  return 2;
}

int crypto_decrypt(lua_State* L) {
  const Request request = read_request(L, "crypto.decrypt");
  const proto::Cipher& cipher = *request.cipher;
  const bool gcm = cipher.mode == proto::CipherMode::gcm;
  if (gcm && !request.has_tag)
    return raise_mistake(L, request.function, "%s needs the option `tag`", cipher.name.data());
  if (gcm && request.tag.size() != proto::tag_size)
    return raise_protocol_error(L, request.function, "a tag is 16 bytes, not %I", number(request.tag.size()));
  if (cipher.in_blocks() && !is_whole_blocks(request))
    return raise_protocol_error(L, request.function, "%I bytes are not whole blocks of %I",
                                number(request.bytes.size()), number(cipher.block_size));
  proto::CipherTag tag{};
  request.tag.copy(tag.data(), tag.size());
  luaL_Buffer buffer;
  char* out = luaL_buffinitsize(L, &buffer, request.bytes.size() + cipher.block_size);
  std::size_t size = 0;
  switch (proto::decrypt(cipher, request.input, request.bytes, tag, out, size)) {
    case proto::CipherOutcome::done: luaL_pushresultsize(&buffer, size); return 1;
    case proto::CipherOutcome::does_not_fit:
      return raise_protocol_error(L, request.function, "the %s does not fit", gcm ? "tag" : "padding");
    case proto::CipherOutcome::refused: break;
  }
  return raise_local_fault(L, request.function, "this machine's OpenSSL refuses this cipher");
}

bool fill_randomly(Check& check, char* out, std::size_t size) noexcept {
  try {
    const std::string purpose = fmt::format("crypto.random {} {} {} {}", check.rule.record.id, check.subject.id,
                                            check.endpoint ? format_endpoint(*check.endpoint) : "", check.draws++);
    check.context.world().random_for(purpose, {reinterpret_cast<std::uint8_t*>(out), size});
    return true;
  } catch (...) {
    return false;
  }
}

int crypto_random(lua_State* L) {
  constexpr const char* function = "crypto.random";
  if (lua_isinteger(L, 1) == 0 || lua_tointeger(L, 1) < 1 || lua_tointeger(L, 1) > most_random)
    return raise_mistake(L, function, "argument 1 (how many bytes) is to be an integer of 1 to %I",
                         static_cast<LUAI_UACINT>(most_random));
  Check* check = check_of(L);
  if (check == nullptr) return raise_mistake(L, function, "there is none before `check` runs");
  const auto size = static_cast<std::size_t>(lua_tointeger(L, 1));
  spend_steps(L, steps_a_call + size / bytes_a_step);
  luaL_Buffer buffer;
  if (!fill_randomly(*check, luaL_buffinitsize(L, &buffer, size), size))
    return raise_local_fault(L, function, "this kernel gives no randomness");
  luaL_pushresultsize(&buffer, size);
  return 1;
}

/// HKDF-Expand (RFC 5869 section 2.3) of the target's key, with the question as what it is for.
bool fill_with_mark(Check& check, std::string_view question, char* out, std::size_t size) noexcept {
  try {
    proto::HashBytes block{};
    std::string text;
    std::size_t length = 0;
    for (std::uint8_t number = 1; size > 0; ++number) {
      text.assign(reinterpret_cast<const char*>(block.data()), length);
      text += question;
      text += static_cast<char>(number);
      length = proto::hmac(proto::Hash::sha256, check.context.target().mark_key(), text, block);
      if (length == 0) return false;
      const std::size_t part = std::min(length, size);
      std::memcpy(out, block.data(), part);
      out += part;
      size -= part;
    }
    return true;
  } catch (...) {
    return false;
  }
}

int crypto_mark(lua_State* L) {
  constexpr const char* function = "crypto.mark";
  if (lua_isinteger(L, 1) == 0 || lua_tointeger(L, 1) < 1 || lua_tointeger(L, 1) > most_random)
    return raise_mistake(L, function, "argument 1 (how many bytes) is to be an integer of 1 to %I",
                         static_cast<LUAI_UACINT>(most_random));
  const std::string_view question = text_argument(L, function, 2, "question");
  Check* check = check_of(L);
  if (check == nullptr) return raise_mistake(L, function, "there is none before `check` runs");
  const auto size = static_cast<std::size_t>(lua_tointeger(L, 1));
  constexpr std::size_t block = 32;
  spend_steps(L, steps_a_call + (size / block + 1) * (question.size() + block) / bytes_a_step);
  luaL_Buffer buffer;
  if (!fill_with_mark(*check, question, luaL_buffinitsize(L, &buffer, size), size))
    return raise_local_fault(L, function, "this machine gives no randomness, or no SHA-256");
  luaL_pushresultsize(&buffer, size);
  return 1;
}

}  // namespace

void register_crypto(lua_State* L, int environment) {
  const luaL_Reg functions[] = {{"hash", crypto_hash},       {"hmac", crypto_hmac},     {"encrypt", crypto_encrypt},
                                {"decrypt", crypto_decrypt}, {"random", crypto_random}, {"mark", crypto_mark},
                                {nullptr, nullptr}};
  put_library(L, environment, "crypto", functions);
  lua_getfield(L, environment, "crypto");
  put_sealing(L, "hash", false);
  lua_pop(L, 1);
}

}  // namespace audit::lua
