#include "probe/banner.hpp"

#include <fmt/format.h>

#include "probe/conversation.hpp"
#include "probe/options.hpp"
#include "proto/ssh_ident.hpp"
#include "proto/telnet.hpp"

namespace audit::probe {
namespace {

constexpr Duration default_timeout = std::chrono::seconds(5);
constexpr Duration default_idle = std::chrono::milliseconds(300);
constexpr std::int64_t default_max = 4'096;
constexpr std::int64_t most_bytes = 65'536;

std::string_view ended_by(Reason reason) {
  switch (reason) {
    case Reason::timeout: return "idle";
    case Reason::eof: return "eof";
    default: return name_of(reason);
  }
}

/// What the bytes are, where they say so themselves.
void recognise(const std::string& bytes, Value::Object& fields) {
  if (const auto ident = proto::parse_ssh_ident(bytes)) {
    Value::Object ssh;
    ssh["protocol"] = ident->protocol;
    ssh["software"] = ident->software;
    ssh["comments"] = ident->comments;
    fields["ssh"] = std::move(ssh);
  }
  constexpr char interpret_as_command = '\xff';  // what a Telnet server begins with
  if (!bytes.starts_with(interpret_as_command)) return;
  if (const proto::TelnetText telnet = proto::read_telnet(bytes); telnet.negotiated) {
    Value::Array options;
    for (const std::string& option : telnet.options) options.emplace_back(option);
    fields["telnet"] = std::move(options);
  }
}

}  // namespace

Result<BannerOptions> BannerOptions::read(const Value::Object& table) {
  Options options("banner", table);
  const Duration timeout = options.seconds("timeout", default_timeout);
  const Duration idle = options.seconds("idle", default_idle);
  const auto max = static_cast<std::size_t>(options.integer("max", default_max, 1, most_bytes));
  BannerOptions read(timeout, idle, max, options.text("send", ""));
  if (Result<void> done = options.done(); !done) return done.error();
  return read;
}

awaitable<Answer> ask_banner(Context& context, Question question) {
  const Result<BannerOptions> options = BannerOptions::read(question.options);
  if (!options || question.endpoints.empty()) {
    std::shared_ptr<Observation> observation = context.begin("banner", question.subject);
    co_return context.fail(
        observation,
        options ? Error(Reason::unresolved, context.target().id() + " has no address to ask") : options.error());
  }
  const Endpoint endpoint = question.endpoints.front();
  const ConnectOptions connecting(options->timeout);
  std::string word = "banner";
  Result<std::unique_ptr<Conversation>> opened = co_await connect(context, endpoint, connecting, std::move(word));
  if (!opened) co_return Answer{nullptr, {}, opened.error()};
  Conversation& talk = **opened;
  const std::shared_ptr<Observation> observation = talk.observation();
  const Instant began = context.world().now();
  std::string bytes;
  std::string_view ended;
  Error why;
  if (!options->send.empty()) {
    const Result<void> written = co_await talk.write(options->send, options->timeout);
    if (!written) why = written.error();
  }
  while (ended.empty()) {
    const Duration left = options->timeout - (context.world().now() - began);
    if (!bytes.empty() && left <= Duration::zero()) {  // it speaks on and on, a little at a time
      ended = "deadline";
      break;
    }
    const Duration wait = bytes.empty() ? left : std::min(left, options->idle);
    Result<std::string> more = co_await talk.read_some(options->max - bytes.size(), wait);
    if (more) {
      bytes += *more;
      if (bytes.size() >= options->max) ended = "cap";
      continue;
    }
    why = more.error();
    ended = ended_by(why.reason);
    const bool silent_for_less = why.reason == Reason::timeout && !bytes.empty() && wait < options->idle;
    if (silent_for_less) ended = "deadline";
  }
  talk.close();
  const bool cut_off = why.reason == Reason::stopped || context.world().now() >= context.deadline();
  if (ended != "cap" && (bytes.empty() || (cut_off && (ended == "idle" || ended == "deadline")))) {
    std::string text = fmt::format("{}: ", format_endpoint(endpoint));
    text += !bytes.empty()                  ? "the deadline passed, or the run was stopped, while it was speaking"
            : why.reason == Reason::timeout ? "connected, but nothing was said in time"
            : why.reason == Reason::eof     ? "closed the connection without a word"
                                            : why.message;
    const Error nothing(why.reason, std::move(text));
    note_failure(*observation, nothing);
    co_return Answer{observation, {}, nothing};
  }
  observation->reason = Reason::observed;
  observation->message.clear();
  Value::Object fields = *observation->fields.get_if<Value::Object>();
  fields.erase("received");
  fields.erase("received_bytes");
  fields.erase("connect_time");
  fields["bytes"] = bytes;
  fields["ended"] = std::string(ended);
  recognise(bytes, fields);
  observation->fields = capped(fields, default_max);
  Answer answer;
  answer.observation = observation;
  answer.fields = std::move(fields);
  co_return answer;
}

}  // namespace audit::probe
