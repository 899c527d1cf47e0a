#include "lua/option_names.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include "net/scripted_world.hpp"
#include "probe/ask.hpp"
#include "probe/conversation.hpp"

namespace audit::lua {
namespace {

/// The list in "port: no option `?`; there are timeout, attempts".
Names listed_in(std::string message) {
  constexpr std::string_view before = "there are ";
  const std::size_t at = message.find(before);
  if (at == std::string::npos) return {};
  message.erase(0, at + before.size());
  std::replace(message.begin(), message.end(), ',', ' ');
  Names names;
  std::istringstream words(message);
  for (std::string name; words >> name;) names.insert(name);
  return names;
}

}  // namespace

Names option_names(std::string_view name) {
  const probe::Word* word = probe::find_word(name);
  if (word == nullptr && name != "connect") return {};
  asio::io_context io{1};
  net::ScriptedWorld world(io);  // an empty one: there is nobody to be asked
  net::Rate rate(1);
  const net::ResolverConfig resolvers;
  const probe::Identity identity;
  probe::Services services(world, rate, resolvers, identity);
  probe::Target nobody(services, "", "", net::Permit(), probe::TargetLimits());
  probe::Context context(nobody, never);
  Value::Object options;
  options["?"] = true;
  if (word == nullptr) return listed_in(probe::ConnectOptions::read(context, options).error().message);
  probe::Question question;
  question.subject = "name.invalid";
  question.endpoints.resize(1);
  question.hosts.resize(1);
  question.options = std::move(options);
  Names names{"fresh"};
  const auto ask = [&]() -> awaitable<void> {
    const auto answer = co_await probe::ask(*word, context, std::move(question));
    if (!answer->outcome) names.merge(listed_in(answer->outcome.error().message));
  };
  asio::co_spawn(world.io(), ask(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  world.run();
  return names;
}

}  // namespace audit::lua
