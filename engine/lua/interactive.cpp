#include "lua/interactive.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "lua/lib_stream.hpp"
#include "lua/lib_target.hpp"
#include "lua/modules.hpp"
#include "lua/pretty.hpp"
#include "lua/sandbox.hpp"
#include "lua/verdict.hpp"

namespace audit::lua {
namespace {

constexpr const char* globals_key = "audit.session";
constexpr const char* input_key = "audit.input";
constexpr const char* environment_key = "audit.environment";  // the machine's: the metatable of every environment
constexpr std::size_t most_memory = 256U << 20U;              // of all that the session's values hold
constexpr std::size_t most_streams = 1'024;                   // opened from one target, closed or not
constexpr std::size_t most_answers = 65'536;                  // remembered as observations
constexpr std::size_t longest_input = 1U << 20U;
constexpr std::size_t most_values = 64;

bool ends_with_eof(lua_State* L) {
  const char* text = lua_tostring(L, -1);
  return text != nullptr && std::string_view(text).ends_with("<eof>");
}

/// A traceback says nothing where all that ran is the input itself.
std::string without_bare_traceback(std::string message) {
  const std::size_t trace = message.find("\nstack traceback:");
  if (trace == std::string::npos) return message;
  for (std::size_t at = message.find('\n', trace + 1); at != std::string::npos; at = message.find('\n', at + 1)) {
    const std::string line = message.substr(at + 1, message.find('\n', at + 1) - at - 1);
    const bool bare = line.find("[C]: in") != std::string::npos || line.find("in main chunk") != std::string::npos;
    if (!bare) return message;
  }
  message.resize(trace);
  return message;
}

struct Start {
  Check* check;
  lua_State* thread = nullptr;
  int reference = LUA_NOREF;
};

/// print(…) without anything that Lua's longjmp could skip.
void say(lua_State* L, const Check& check, const Interactive::Print& print) noexcept {
  try {
    std::string line;
    for (int i = 1; i <= lua_gettop(L); ++i) line += (i > 1 ? "\t" : "") + pretty_text(L, i, check);
    print(line);
  } catch (...) {
  }
}

}  // namespace

/// One target, from being aimed at until the session ends: streams that Lua still knows refer to it.
struct Interactive::Visit {
  Visit(Interactive& session, probe::Target& target, Subject subject_in)
      : subject(std::move(subject_in)), context(target, never),
        check(session.machine_, context, session.rule_, subject, session.params_, session.budget_) {}

  Subject subject;
  probe::Context context;
  Check check;
};

Interactive::Interactive(const RuleSet& rules, const Budget& budget, Print print)
    : machine_(rules, budget), budget_(budget), print_(std::move(print)) {
  rule_.record.id = "shell";
  rule_.record.severity = Severity::medium;
  rule_.path = "shell";
  lua_State* L = machine_.state_;
  lua_pushcfunction(L, furnish);
  lua_pushlightuserdata(L, this);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) throw std::runtime_error("out of memory: no Lua state could be made");
}

Interactive::~Interactive() {
  for (const auto& visit : visits_)
    for (const auto& talk : visit->check.conversations) talk->close();
}

int Interactive::furnish(lua_State* L) {
  lua_newtable(L);
  lua_getfield(L, LUA_REGISTRYINDEX, environment_key);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, print, 1);
  lua_setfield(L, -2, "print");
  lua_setfield(L, LUA_REGISTRYINDEX, globals_key);
  return 0;
}

int Interactive::print(lua_State* L) {
  const Check* check = check_of(L);
  if (check == nullptr) return 0;
  constexpr std::uint64_t steps_a_value = 2'000;
  spend_steps(L, steps_a_value * static_cast<std::uint64_t>(lua_gettop(L) + 1));
  say(L, *check, static_cast<Interactive*>(lua_touserdata(L, lua_upvalueindex(1)))->print_);
  return 0;
}

void Interactive::aim(probe::Target& target, Subject subject, Safety most) {
  rule_.record.safety = most;
  std::vector<std::shared_ptr<Observation>> answers;
  if (!visits_.empty()) {
    Check& before = visits_.back()->check;
    forget_modules(machine_.state_, before);
    for (const auto& talk : before.conversations) talk->close();
    answers = std::move(before.answers);
    if (before.conversations.empty()) visits_.pop_back();
  }
  visits_.push_back(std::make_unique<Visit>(*this, target, std::move(subject)));
  visits_.back()->check.answers = std::move(answers);
}

Interactive::Parsed Interactive::parse(const std::string& text, const std::string& name, std::size_t line,
                                       std::string& problem) {
  lua_State* L = machine_.state_;
  lua_settop(L, 0);
  if (text.size() > longest_input) {
    problem = fmt::format("{}:{}: an input is at most {} bytes long", name, line, longest_input);
    return Parsed::wrong;
  }
  const std::string lines(line > 0 ? line - 1 : 0, '\n');
  const std::string chunk_name = "=" + name;
  bool unfinished = false;
  for (const char* prefix : {"return ", ""}) {
    const std::string source = lines + prefix + text;
    if (load_chunk(L, source.data(), source.size(), chunk_name.c_str()) == LUA_OK) {
      lua_setfield(L, LUA_REGISTRYINDEX, input_key);
      return Parsed::whole;
    }
    unfinished = unfinished || ends_with_eof(L);  // `{ a =` is, though no statement begins so
    if (*prefix != '\0') lua_pop(L, 1);
  }
  const char* message = lua_tostring(L, -1);
  problem = message != nullptr ? message : "the input could not be read";
  lua_settop(L, 0);
  return unfinished ? Parsed::unfinished : Parsed::wrong;
}

/// Makes the coroutine of an input; runs protected.
int Interactive::prepare(lua_State* L) {
  auto& start = *static_cast<Start*>(lua_touserdata(L, 1));
  lua_State* thread = lua_newthread(L);
  check_of(thread) = start.check;
  start.reference = luaL_ref(L, LUA_REGISTRYINDEX);
  start.thread = thread;
  lua_getfield(thread, LUA_REGISTRYINDEX, input_key);
  lua_getfield(thread, LUA_REGISTRYINDEX, globals_key);
  lua_pushliteral(thread, "target");
  if (lua_rawget(thread, -2) == LUA_TNIL && !start.check->subject.id.empty()) {
    push_target(thread);
    lua_setfield(thread, -3, "target");
  }
  lua_settop(thread, 2);
  return 0;
}

void Interactive::begin(Instant deadline) {
  Visit& visit = *visits_.back();
  Check& check = visit.check;
  visit.context.renew(deadline);
  for (const auto& context : check.contexts) context->renew(deadline);
  check.tag = Tag::create();
  check.steps = 0;
  check.steps_at_last_turn = 0;
  check.ended.reset();
  check.closing = false;
  check.problem.clear();
  check.verdict.reset();
  check.verdicts = 0;
  check.asked = 0;
  if (check.answers.size() > most_answers)
    std::fill(check.answers.begin(), check.answers.end() - most_answers / 2, nullptr);
}

/// Reads what an input that came to its end has on its stack.
void Interactive::conclude(Reply& reply, lua_State* thread) {
  Check& check = visits_.back()->check;
  if (check.verdicts > 0) settle_verdicts(check);
  if (check.ended) {
    reply.error = Error(check.ended->reason, without_bare_traceback(check.ended->message));
    return;
  }
  const auto values = static_cast<std::size_t>(lua_gettop(thread));
  if (check.verdicts == 0) {
    for (std::size_t i = 1; i <= std::min(values, most_values); ++i)
      reply.values.push_back(pretty(thread, static_cast<int>(i), check));
    if (values > most_values) reply.values.push_back(fmt::format("… ({} more)", values - most_values));
    return;
  }
  Outcome outcome;
  outcome.finding = conclude_finding(check);
  const auto& record = check.context.record();
  outcome.record.assign(record.begin(), record.end());
  for (const Evidence& item : outcome.finding.evidence)
    if (item.observation &&
        std::find(outcome.record.begin(), outcome.record.end(), item.observation) == outcome.record.end())
      outcome.record.push_back(item.observation);
  reply.verdict = std::move(outcome);
}

awaitable<Reply> Interactive::run() {
  Reply reply;
  Visit& visit = *visits_.back();
  Check& check = visit.check;
  lua_State* L = machine_.state_;
  if (machine_.memory() > most_memory || check.conversations.size() > most_streams) {
    const std::string what = check.conversations.size() > most_streams ? fmt::format("{} streams", most_streams)
                                                                       : fmt::format("{} MiB", most_memory >> 20U);
    reply.error = Error(Reason::over_budget, "the session's values hold more than " + what + "; `:reset` begins anew");
    co_return reply;
  }
  begin(visit.context.world().now() + budget_.time);
  Start start{&check};
  lua_pushcfunction(L, prepare);
  lua_pushlightuserdata(L, &start);
  machine_.memory_.charge(check.tag, nullptr, 0);
  const bool prepared = lua_pcall(L, 1, 0, 0) == LUA_OK;
  machine_.memory_.charge(nullptr, nullptr, 0);
  if (prepared) {
    lua_sethook(start.thread, look, LUA_MASKCOUNT, steps_between_looks);
    const bool done = co_await machine_.drive(check, visit.context, start.thread, 1);
    if (!done) machine_.fail(check, start.thread);
    conclude(reply, start.thread);
    machine_.put_away(check, start.thread, true);
    luaL_unref(L, LUA_REGISTRYINDEX, start.reference);
  } else {
    lua_pop(L, 1);
    reply.error = Error(Reason::local_fault, "out of memory: the input could not be started");
  }
  check.operation.reset();
  check.finished.reset();
  check.tag->end();
  check.tag = nullptr;
  lua_gc(L, LUA_GCCOLLECT);  // so that what the next one finds is what is held
  co_return reply;
}

bool Interactive::refers_to(const probe::Target& target) const {
  return std::any_of(visits_.begin(), visits_.end(),
                     [&](const auto& visit) { return &visit->context.target() == &target; });
}

bool Interactive::has_target() const { return !visits_.empty() && !visits_.back()->subject.id.empty(); }

std::size_t Interactive::open_streams() const {
  const auto& talks = visits_.back()->check.conversations;
  return static_cast<std::size_t>(
      std::count_if(talks.begin(), talks.end(), [](const auto& talk) { return !talk->closed(); }));
}

}  // namespace audit::lua
