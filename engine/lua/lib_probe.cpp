#include "lua/lib_probe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "lua/check.hpp"
#include "lua/lib_stream.hpp"
#include "lua/operation.hpp"
#include "lua/secret.hpp"
#include "lua/value.hpp"
#include "probe/ask.hpp"

namespace audit::lua {
namespace {

using probe::Argument;
using probe::Word;

constexpr std::size_t most_option_bytes = 1U << 20U;

/// Asks one word.
class AskOperation final : public Operation {
 public:
  AskOperation(const Word& word, probe::Question question) : word_(word), question_(std::move(question)) {}

  awaitable<void> run(Check& check, probe::Context& context) override {
    answer_ = co_await probe::ask(word_, context, std::move(question_));
    outcome = answer_->outcome;
    if (!outcome) co_return;
    number_ = check.answers.size();
    check.answers.push_back(answer_->observation);
  }

  int push(lua_State* L, Check& check) override {
    const Observation& seen = *check.answers[number_];
    lua_createtable(L, 0, static_cast<int>(answer_->fields.size()) + 6);
    for (const auto& [key, value] : answer_->fields) {
      lua_pushlstring(L, key.data(), key.size());
      push_value(L, value);
      lua_rawset(L, -3);
    }
    push_text_of_bytes(L);
    lua_pushnumber(L, static_cast<double>(seen.time.time_since_epoch().count()) / 1e3);
    lua_setfield(L, -2, "time");
    lua_pushlstring(L, seen.local.data(), seen.local.size());
    lua_setfield(L, -2, "local");
    lua_pushlstring(L, seen.remote.data(), seen.remote.size());
    lua_setfield(L, -2, "remote");
    lua_pushinteger(L, seen.attempts);
    lua_setfield(L, -2, "attempts");
    lua_pushinteger(L, static_cast<lua_Integer>(number_));
    lua_rawsetp(L, -2, observation_key());
    return 1;
  }

 private:
  /// `text` beside `bytes`: the same. What shows a text escapes it, whatever it came of; escaped here, it was so twice.
  void push_text_of_bytes(lua_State* L) {
    const auto bytes = answer_->fields.find("bytes");
    if (bytes == answer_->fields.end()) return;
    push_value(L, bytes->second);
    lua_setfield(L, -2, "text");
  }

  const Word& word_;
  probe::Question question_;
  std::shared_ptr<const probe::Answer> answer_;
  std::size_t number_ = 0;
};

class ConnectOperation final : public Operation {
 public:
  explicit ConnectOperation(probe::Question question) : question_(std::move(question)) {}

  awaitable<void> run(Check& check, probe::Context& context) override {
    const Result<probe::ConnectOptions> options = probe::ConnectOptions::read(context, question_.options);
    if (!options) {
      outcome = options.error();
      co_return;
    }
    if (question_.endpoints.empty()) {
      outcome = Error(Reason::unresolved, check.subject.id + " has no address to ask");
      co_return;
    }
    auto opened = co_await probe::open_stream(context, question_.endpoints.front(), *options);
    if (!opened) {
      outcome = opened.error();
      co_return;
    }
    check.conversations.push_back(std::move(*opened));
    talk_ = check.conversations.back().get();
  }

  int push(lua_State* L, Check& /*check*/) override {
    push_stream(L, *talk_);
    return 1;
  }

 private:
  probe::Question question_;
  probe::Conversation* talk_ = nullptr;
};

/// The endpoints that an argument means: 23, "tcp/23", or an endpoint's own table.
bool read_endpoints(lua_State* L, int index, Transport transport, Check& check, probe::Question& question) {
  if (lua_type(L, index) == LUA_TTABLE) {
    lua_pushliteral(L, "port");
    lua_rawget(L, index);
    lua_pushliteral(L, "address");
    lua_rawget(L, index);
    const lua_Integer port = lua_tointeger(L, -2);
    const auto address = lua_type(L, -1) == LUA_TSTRING ? parse_address(lua_tostring(L, -1)) : std::nullopt;
    lua_pop(L, 2);
    if (!address || port < 1 || port > 65'535) {
      check.problem = "an endpoint's table has an `address` and a `port`";
      return false;
    }
    Endpoint endpoint;
    endpoint.address = *address;
    endpoint.port = static_cast<std::uint16_t>(port);
    endpoint.transport = transport;
    question.endpoints.push_back(endpoint);
    return true;
  }
  std::uint16_t port = 0;
  if (lua_isinteger(L, index) != 0) {
    const lua_Integer number = lua_tointeger(L, index);
    if (number >= 1 && number <= 65'535) port = static_cast<std::uint16_t>(number);
  } else if (lua_type(L, index) == LUA_TSTRING) {
    const auto ports = parse_transport_ports(lua_tostring(L, index));
    if (ports && ports->of(transport).size() == 1 && ports->tcp.size() + ports->udp.size() == 1)
      port = ports->of(transport).ranges().front().first;
  }
  if (port == 0) {
    check.problem = fmt::format("expected a port (23, \"{}/23\") or an endpoint, got {}", name_of(transport),
                                visible(luaL_typename(L, index)));
    return false;
  }
  question.subject = fmt::format("{}/{}", name_of(transport), port);
  question.endpoints = check.context.target().endpoints(port, transport);
  return true;
}

/// The hosts that an argument means: an address of the target, an endpoint's table, or none for all of them.
bool read_hosts(lua_State* L, int index, Check& check, probe::Question& question) {
  question.hosts = check.context.target().hosts();
  if (lua_isnoneornil(L, index)) return true;
  const bool table = lua_type(L, index) == LUA_TTABLE;
  if (table) {
    lua_pushliteral(L, "address");
    lua_rawget(L, index);
  } else {
    lua_pushvalue(L, index);
  }
  const auto address = lua_type(L, -1) == LUA_TSTRING ? parse_address(lua_tostring(L, -1)) : std::nullopt;
  lua_pop(L, 1);
  if (!address) {
    check.problem = fmt::format("expected an address of the target (\"10.0.0.1\"), or nothing for all of them, got {}",
                                visible(luaL_typename(L, index)));
    return false;
  }
  question.hosts.assign(1, *address);
  return true;
}

bool read_question(lua_State* L, Argument argument, Check& check, probe::Question& question) {
  if (argument == Argument::host) {
    if (!read_hosts(L, 2, check, question)) return false;
  } else if (argument == Argument::name) {
    if (lua_isnoneornil(L, 2)) {
      question.subject = check.context.target().host_name().empty() ? check.subject.address : check.subject.id;
    } else if (lua_type(L, 2) == LUA_TSTRING) {
      std::size_t length = 0;
      const char* text = lua_tolstring(L, 2, &length);
      question.subject.assign(text, length);
    } else {
      check.problem = "expected a name or an address (a string)";
      return false;
    }
  } else if (!read_endpoints(L, 2, argument == Argument::udp_port ? Transport::udp : Transport::tcp, check, question)) {
    return false;
  }
  if (lua_isnoneornil(L, 3)) return true;
  Value options;
  const TakeSecret take = [&](int index, Value& value) {
    question.sealed.push_back(sealed_at(L, index));
    value = probe::mark_of(*question.sealed.back(), question.sealed.size() - 1);
  };
  if (!to_value(L, 3, options, most_option_bytes, check.problem, &take)) {
    check.problem = "the options table " + check.problem;
    return false;
  }
  if (auto* object = options.get_if<Value::Object>()) {
    question.options = std::move(*object);
    return true;
  }
  const auto* list = options.get_if<Value::Array>();
  if (list != nullptr && list->empty()) return true;
  check.problem = "options are a table with names, { timeout = 2 }";
  return false;
}

/// What a rule has to declare at least to ask this: a stream is there to be spoken on.
Safety needed_for(const Word* word, const probe::Question& question) {
  if (word == nullptr) return Safety::normal;
  const bool speaks = word->speaks != nullptr && word->speaks(question.options);
  return speaks ? std::max(word->safety, Safety::normal) : word->safety;
}

/// Makes the operation for a word, or for `connect` where there is none. No Lua runs and nothing is raised here.
bool start(lua_State* L, const Word* word, Check& check) noexcept {
  try {
    check.problem.clear();
    if (check.asked >= check.budget.probes) {
      check.ended =
          Error(Reason::over_budget, fmt::format("the check asked more than {} questions", check.budget.probes));
      return false;
    }
    probe::Question question;
    if (!read_question(L, word != nullptr ? word->argument : Argument::tcp_port, check, question)) return false;
    const Safety needed = needed_for(word, question);
    if (needed > check.rule.record.safety) {
      check.problem =
          needed == Safety::intrusive
              ? "only a rule that declares safety = \"intrusive\" may ask this"
              : "a rule that declares safety = \"connect\" opens and closes ports (`port`, `ping`, and `dns` of the "
                "system's servers): this speaks, and is for rules of safety \"normal\" or \"intrusive\"";
      return false;
    }
    if (word != nullptr && word->why_intrusive != nullptr && check.rule.record.safety != Safety::intrusive) {
      check.problem = word->why_intrusive(question.options);
      if (!check.problem.empty()) return false;
    }
    if (word != nullptr) {
      check.operation = std::make_unique<AskOperation>(*word, std::move(question));
    } else {
      check.operation = std::make_unique<ConnectOperation>(std::move(question));
    }
    ++check.asked;
    return true;
  } catch (...) {
    return false;
  }
}

int ask(lua_State* L) {
  const auto* word = static_cast<const Word*>(lua_touserdata(L, lua_upvalueindex(1)));
  const char* name = word != nullptr ? word->name.data() : "connect";
  if (lua_type(L, 1) != LUA_TUSERDATA)
    return luaL_error(L, "call it with a colon, target:%s(…), or try(target.%s, target, …)", name, name);
  Check* check = check_of(L);
  if (check == nullptr) return luaL_error(L, "%s may only be asked within `check`", name);
  if (!start(L, word, *check)) {
    if (check->ended) return leave(L);
    return luaL_error(L, "%s: %s", name, check->problem.empty() ? "out of memory" : check->problem.c_str());
  }
  return await_operation(L);
}

}  // namespace

void push_probe_methods(lua_State* L) {
  lua_newtable(L);
  for (const Word& word : probe::words()) {
    lua_pushlightuserdata(L, const_cast<Word*>(&word));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    lua_pushcclosure(L, ask, 1);
    lua_setfield(L, -2, word.name.data());
  }
  lua_pushlightuserdata(L, nullptr);
  lua_pushcclosure(L, ask, 1);
  lua_setfield(L, -2, "connect");
  lua_pushcfunction(L, target_credential);
  lua_setfield(L, -2, "credential");
}

}  // namespace audit::lua
