#pragma once

#include <functional>
#include <vector>

#include "net/echo_inbox.hpp"

namespace audit::net {

class World;

/// How a scripted host answers echoes.
struct ScriptedEcho {
  Duration round_trip = std::chrono::milliseconds(1);
  std::uint32_t lost_first = 0;  // so many requests of an exchange stay unanswered
  std::uint32_t lost_every = 0;  // and then each so-many-th; 0 for none
  std::uint32_t copies = 1;      // of each reply
  std::uint32_t foreign = 0;     // strangers' replies to each request
  bool unreachable = false;      // an ICMP error comes instead
};

/// Echoes with a scripted host; one that has no script stays silent.
class ScriptedEchoes final : public EchoInbox {
 public:
  using Log = std::function<void()>;
  ScriptedEchoes(World& world, const IpAddress& to, std::size_t size, std::optional<ScriptedEcho> script, Log log);
  ~ScriptedEchoes() override;
  ScriptedEchoes(const ScriptedEchoes&) = delete;
  ScriptedEchoes& operator=(const ScriptedEchoes&) = delete;

  [[nodiscard]] Result<void> send() override;

 private:
  struct Coming;
  void arrive(const Coming& coming);

  World& world_;
  std::optional<ScriptedEcho> script_;
  Log log_;
  std::uint32_t sent_ = 0;
  std::vector<std::unique_ptr<Coming>> coming_;
};

}  // namespace audit::net
