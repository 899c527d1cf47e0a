#include "cli/probe_output.hpp"

#include <fmt/format.h>

#include <iostream>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"

namespace audit::cli {
namespace {

void put_member(JsonLine& json, const char* key, std::string_view text) {
  if (text.empty()) return;
  json.Key(key);
  put(json, text);
}

std::string to_json(const std::string& target, const Observation& seen) {
  rapidjson::StringBuffer buffer;
  JsonLine json(buffer);
  json.StartObject();
  put_member(json, "target", target);
  put_member(json, "probe", seen.probe);
  put_member(json, "endpoint", seen.endpoint);
  put_member(json, "reason", name_of(seen.reason));
  put_member(json, "message", seen.message);
  put_member(json, "local", seen.local);
  put_member(json, "remote", seen.remote);
  if (seen.time != WallTime{}) put_member(json, "time", format_utc(seen.time));
  json.Key("elapsed");
  json.Double(seconds(seen.elapsed));
  json.Key("attempts");
  json.Uint(seen.attempts);
  if (!seen.fields.empty()) {
    json.Key("seen");
    put_value(json, seen.fields);
  }
  json.EndObject();
  return buffer.GetString();
}

}  // namespace

std::string format_milliseconds(Duration duration) { return fmt::format("{:.1f} ms", seconds(duration) * 1e3); }

void ProbeOutput::answer(const std::string& target, const Observation& seen, const std::string& text) {
  std::cout << (json_ ? to_json(target, seen) : text) << '\n';
}

void ProbeOutput::failure(const std::string& target, const std::string& probe, const Error& error) {
  Observation seen;
  seen.probe = probe;
  probe::note_failure(seen, error);
  failure(target, seen, error);
}

void ProbeOutput::failure(const std::string& target, const Observation& seen, const Error& error) {
  any_unanswered_ = true;
  misused_ |= error.reason == Reason::rule_error;  // nobody wrote a rule here: it is the command line
  if (json_) {
    std::cout << to_json(target, seen) << '\n';
  } else {
    const std::string kind = misused_ ? "" : fmt::format("{}: ", name_of(error.reason));
    std::cerr << fmt::format("audit probe {}: {}{}\n", seen.probe, kind, visible(from_visible(error.message), 2'000));
  }
}

bool ProbeOutput::pass_over(Reason state) noexcept {
  const bool closed = state == Reason::closed || state == Reason::refused;
  const bool silent = state == Reason::filtered || state == Reason::timeout;
  closed_ += closed ? 1 : 0;
  silent_ += silent ? 1 : 0;
  return closed || silent;
}

void ProbeOutput::tell_passed_over() const {
  if (closed_ + silent_ > 0) std::cerr << fmt::format("{} closed, {} without an answer\n", closed_, silent_);
}

int ProbeOutput::exit_code(bool any_will_do) const {
  if (misused_) return exit_usage;
  if (any_unanswered_) return exit_incomplete;
  if (any_will_do && any_good_) return exit_complete;
  if (any_will_do) return any_bad_ || closed_ > 0 || silent_ == 0 ? 1 : exit_incomplete;
  return any_bad_ || !any_good_ ? 1 : 0;
}

}  // namespace audit::cli
