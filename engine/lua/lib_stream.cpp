#include "lua/lib_stream.hpp"

#include <cmath>
#include <cstring>

#include "lua/check.hpp"
#include "lua/operation.hpp"
#include "lua/secret.hpp"
#include "lua/value.hpp"
#include "probe/tls.hpp"
#include "probe/tls_fields.hpp"

namespace audit::lua {
namespace {

constexpr const char* stream_name = "audit.stream";
constexpr std::size_t most_at_once = 1U << 20U;
constexpr std::size_t line_cap = 65'536;
constexpr double longest_timeout = 300;

using probe::Conversation;

enum class Piece : std::uint8_t { some, exactly, until, line };

class ReadOperation final : public Operation {
 public:
  ReadOperation(Conversation& talk, Piece piece, std::size_t size, std::string delimiter, Duration timeout)
      : talk_(talk), piece_(piece), size_(size), delimiter_(std::move(delimiter)), timeout_(timeout) {}

  awaitable<void> run(Check& /*check*/, probe::Context& /*context*/) override {
    const Conversation::Busy busy(talk_);
    switch (piece_) {
      case Piece::some: bytes_ = co_await talk_.read_some(size_, timeout_); break;
      case Piece::exactly: bytes_ = co_await talk_.read_exactly(size_, timeout_); break;
      case Piece::until: bytes_ = co_await talk_.read_until(delimiter_, size_, timeout_); break;
      case Piece::line: bytes_ = co_await talk_.read_line(size_, timeout_); break;
    }
    if (!bytes_) outcome = bytes_.error();
  }

  int push(lua_State* L, Check& /*check*/) override {
    lua_pushlstring(L, bytes_->data(), bytes_->size());
    return 1;
  }

 private:
  Conversation& talk_;
  Piece piece_;
  std::size_t size_;
  std::string delimiter_;
  Duration timeout_;
  Result<std::string> bytes_ = std::string();
};

class WriteOperation final : public Operation {
 public:
  WriteOperation(Conversation& talk, std::string bytes, Duration timeout)
      : talk_(talk), bytes_(std::move(bytes)), timeout_(timeout) {}

  WriteOperation(Conversation& talk, std::shared_ptr<const probe::Sealed> sealed, Duration timeout)
      : talk_(talk), sealed_(std::move(sealed)), timeout_(timeout) {}

  awaitable<void> run(Check& /*check*/, probe::Context& /*context*/) override {
    const Conversation::Busy busy(talk_);
    if (sealed_) {
      outcome = co_await talk_.write_sealed(sealed_, timeout_);
    } else {
      outcome = co_await talk_.write(bytes_, timeout_);
    }
  }
  int push(lua_State* L, Check& /*check*/) override {
    lua_settop(L, 1);  // the stream, so that writes can be chained
    return 1;
  }

 private:
  Conversation& talk_;
  std::string bytes_;
  std::shared_ptr<const probe::Sealed> sealed_;  // in place of bytes
  Duration timeout_;
};

class StarttlsOperation final : public Operation {
 public:
  StarttlsOperation(Conversation& talk, probe::TlsOptions options) : talk_(talk), options_(std::move(options)) {}

  awaitable<void> run(Check& /*check*/, probe::Context& context) override {
    const Conversation::Busy busy(talk_);
    Result<net::TlsSession> session = co_await talk_.start_tls(std::move(options_.settings), options_.timeout);
    if (session) {
      fields_ = probe::tls_fields(*session, context.world().wall());
    } else {
      outcome = session.error();
    }
  }

  int push(lua_State* L, Check& /*check*/) override {
    push_value(L, fields_);
    return 1;
  }

 private:
  Conversation& talk_;
  probe::TlsOptions options_;
  Value fields_;
};

Conversation& open_stream(lua_State* L) {
  Conversation* talk = stream_at(L, 1);
  if (talk == nullptr) luaL_argerror(L, 1, "a stream is expected; call its methods with a colon, stream:read()");
  if (talk->closed()) luaL_error(L, "the stream is closed");
  if (talk->busy()) luaL_error(L, "another function of `parallel` is using this stream");
  return *talk;
}

/// options.timeout in seconds, or the target's own limit.
Duration timeout_option(lua_State* L, int index, const Conversation& talk) {
  if (lua_isnoneornil(L, index)) return talk.default_timeout();
  luaL_checktype(L, index, LUA_TTABLE);
  double number = -1;
  count_walk(L);
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    const bool known = lua_type(L, -2) == LUA_TSTRING && std::strcmp(lua_tostring(L, -2), "timeout") == 0;
    if (!known) luaL_error(L, "a stream's methods take the option `timeout` (seconds), and no other");
    number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;
    if (!(number > 0 && number <= longest_timeout))
      luaL_error(L, "timeout must be a number of seconds above 0 and up to 300");
    lua_pop(L, 1);
  }
  return number < 0 ? talk.default_timeout() : Duration(std::llround(number * 1e9));
}

bool start_read(lua_State* L, Conversation& talk, Piece piece, std::size_t size, const char* delimiter,
                std::size_t delimiter_size, Duration timeout) noexcept {
  try {
    check_of(L)->operation =
        std::make_unique<ReadOperation>(talk, piece, size, std::string(delimiter, delimiter_size), timeout);
    return true;
  } catch (...) {
    return false;
  }
}

int read_piece(lua_State* L, Conversation& talk, Piece piece, std::size_t size, int options, const char* delimiter = "",
               std::size_t delimiter_size = 0) {
  const Duration timeout = timeout_option(L, options, talk);
  if (!start_read(L, talk, piece, size, delimiter, delimiter_size, timeout)) return luaL_error(L, "out of memory");
  return await_operation(L);
}

/// read([n [, options]]): exactly n bytes; without n what is there, at least one.
int stream_read(lua_State* L) {
  Conversation& talk = open_stream(L);
  if (lua_isnoneornil(L, 2)) return read_piece(L, talk, Piece::some, most_at_once, 3);
  const lua_Integer count = luaL_checkinteger(L, 2);
  luaL_argcheck(L, count >= 1 && count <= static_cast<lua_Integer>(most_at_once), 2, "1 to 1048576 bytes");
  return read_piece(L, talk, Piece::exactly, static_cast<std::size_t>(count), 3);
}

/// read_until(delimiter [, cap [, options]]): with the delimiter, which is plain text.
int stream_read_until(lua_State* L) {
  Conversation& talk = open_stream(L);
  std::size_t size = 0;
  const char* delimiter = luaL_checklstring(L, 2, &size);
  luaL_argcheck(L, size >= 1 && size <= 1'024, 2, "a delimiter of 1 to 1024 bytes");
  const lua_Integer cap = luaL_optinteger(L, 3, static_cast<lua_Integer>(line_cap));
  luaL_argcheck(L, cap >= 1 && cap <= static_cast<lua_Integer>(most_at_once), 3, "a cap of 1 to 1048576 bytes");
  return read_piece(L, talk, Piece::until, static_cast<std::size_t>(cap), 4, delimiter, size);
}

int stream_read_line(lua_State* L) { return read_piece(L, open_stream(L), Piece::line, line_cap, 2); }

bool start_write(lua_State* L, Conversation& talk, const char* bytes, std::size_t size, Duration timeout) noexcept {
  try {
    check_of(L)->operation = std::make_unique<WriteOperation>(talk, std::string(bytes, size), timeout);
    return true;
  } catch (...) {
    return false;
  }
}

bool start_sealed_write(lua_State* L, Conversation& talk, Duration timeout) noexcept {
  try {
    check_of(L)->operation = std::make_unique<WriteOperation>(talk, sealed_at(L, 2), timeout);
    return true;
  } catch (...) {
    return false;
  }
}

int stream_write(lua_State* L) {
  Conversation& talk = open_stream(L);
  if (secret_at(L, 2) != nullptr) {
    if (!start_sealed_write(L, talk, timeout_option(L, 3, talk))) return luaL_error(L, "out of memory");
    return await_operation(L);
  }
  std::size_t size = 0;
  const char* bytes = luaL_checklstring(L, 2, &size);
  const Duration timeout = timeout_option(L, 3, talk);
  if (!start_write(L, talk, bytes, size, timeout)) return luaL_error(L, "out of memory");
  return await_operation(L);
}

/// False with `problem` where the options are wrong.
bool start_starttls(lua_State* L, Conversation& talk, Check& check) noexcept {
  try {
    check.problem.clear();
    Value table = Value::Object();
    if (!lua_isnoneornil(L, 2) && !to_value(L, 2, table, most_at_once, check.problem)) return false;
    const auto* object = table.get_if<Value::Object>();
    const auto* list = table.get_if<Value::Array>();
    if (object == nullptr && (list == nullptr || !list->empty())) {
      check.problem = "options are a table with names, { timeout = 2 }";
      return false;
    }
    const Value::Object none;
    Result<probe::TlsOptions> options =
        probe::TlsOptions::read(probe::TlsOptions::Of::stream, check.context.target().host_name(),
                                talk.stream().remote().port, object != nullptr ? *object : none);
    if (!options) {
      check.problem = options.error().message;
      return false;
    }
    check.operation = std::make_unique<StarttlsOperation>(talk, std::move(*options));
    return true;
  } catch (...) {
    return false;
  }
}

/// starttls([options]): what the handshake showed, as target:tls; from here on all is said and heard within TLS.
int stream_starttls(lua_State* L) {
  Conversation& talk = open_stream(L);
  Check& check = *check_of(L);
  if (!start_starttls(L, talk, check))
    return luaL_error(L, "%s", check.problem.empty() ? "out of memory" : check.problem.c_str());
  return await_operation(L);
}

int stream_shutdown(lua_State* L) {
  open_stream(L).shutdown_send();
  return 0;
}

int stream_close(lua_State* L) {
  if (Conversation* talk = stream_at(L, 1)) talk->close();
  return 0;
}

void push_remote(lua_State* L, const Observation& seen) { lua_pushlstring(L, seen.remote.data(), seen.remote.size()); }

void push_local(lua_State* L, const Observation& seen) { lua_pushlstring(L, seen.local.data(), seen.local.size()); }

void push_connect_time(lua_State* L, const Observation& seen) {
  const Value* time = seen.fields.find("connect_time");
  lua_pushnumber(L, time != nullptr && time->get_if<double>() != nullptr ? *time->get_if<double>() : 0);
}

struct StreamField {
  const char* name;
  void (*push)(lua_State* L, const Observation& seen);
};

constexpr StreamField fields[] = {{"remote", push_remote}, {"local", push_local}, {"connect_time", push_connect_time}};

constexpr luaL_Reg methods[] = {{"read", stream_read},           {"read_until", stream_read_until},
                                {"read_line", stream_read_line}, {"write", stream_write},
                                {"starttls", stream_starttls},   {"shutdown", stream_shutdown},
                                {"close", stream_close},         {nullptr, nullptr}};

int stream_index(lua_State* L) {
  const Conversation* talk = stream_at(L, 1);
  const char* key = luaL_checkstring(L, 2);
  const Observation* seen = talk != nullptr ? talk->observation().get() : nullptr;
  for (const StreamField& field : fields) {
    if (seen == nullptr || std::strcmp(key, field.name) != 0) continue;
    field.push(L, *seen);
    return 1;
  }
  lua_getfield(L, lua_upvalueindex(1), key);
  return 1;
}

}  // namespace

std::vector<std::string_view> stream_field_names() {
  std::vector<std::string_view> names;
  for (const StreamField& field : fields) names.emplace_back(field.name);
  return names;
}

std::vector<std::string_view> stream_method_names() {
  std::vector<std::string_view> names;
  for (const luaL_Reg* method = methods; method->name != nullptr; ++method) names.emplace_back(method->name);
  return names;
}

void push_stream(lua_State* L, Conversation& conversation) {
  *static_cast<Conversation**>(lua_newuserdatauv(L, sizeof(Conversation*), 0)) = &conversation;
  if (luaL_newmetatable(L, stream_name) != 0) {
    luaL_newlib(L, methods);
    lua_pushcclosure(L, stream_index, 1);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, stream_close);
    lua_setfield(L, -2, "__close");
    lua_pushliteral(L, "stream");
    lua_setfield(L, -2, "__metatable");
  }
  lua_setmetatable(L, -2);
}

Conversation* stream_at(lua_State* L, int index) noexcept {
  if (lua_type(L, index) != LUA_TUSERDATA) return nullptr;
  void* box = luaL_testudata(L, index, stream_name);
  return box == nullptr ? nullptr : *static_cast<Conversation**>(box);
}

}  // namespace audit::lua
