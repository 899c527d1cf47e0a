#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "probe/context.hpp"
#include "probe/sealed.hpp"

namespace audit::probe {

/// One question, as Lua or the command line puts it.
struct Question {
  std::vector<Endpoint> endpoints;  // where the word takes a port: that port on every host, open ones first
  std::vector<IpAddress> hosts;     // where the word takes a host: that one, or all of the target's
  std::string subject;              // where the word takes a name
  Value::Object options;
  std::vector<std::shared_ptr<const Sealed>> sealed;  // what marks in the options stand for
  bool fresh = false;                                 // nothing that was seen before will do
};

/// What a word's argument is.
enum class Argument : std::uint8_t { tcp_port, udp_port, name, host };

/// One primitive, as everything above knows it: its word is the same in Lua, on the command line, and in reports.
struct Word {
  std::string_view name;
  Argument argument;
  std::string_view help;
  awaitable<Answer> (*ask)(Context& context, Question question);
  Safety safety = Safety::normal;  // what a rule has to declare at least to ask it
  /// Why these options make it intrusive, in a sentence; "" where they do not. Null: none do.
  std::string (*why_intrusive)(const Value::Object& options) = nullptr;
  /// Do these options make it speak to the target, which it does not otherwise? Then it needs `normal`. Null: none do.
  bool (*speaks)(const Value::Object& options) = nullptr;
};

[[nodiscard]] const std::vector<Word>& words();
[[nodiscard]] const Word* find_word(std::string_view name);

}  // namespace audit::probe
