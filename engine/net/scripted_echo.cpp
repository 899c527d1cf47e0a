#include "net/scripted_echo.hpp"

#include "net/world.hpp"

namespace audit::net {

/// A reply on its way back.
struct ScriptedEchoes::Coming final : DeadlineList::Entry {
  ScriptedEchoes* owner = nullptr;
  std::uint32_t number = 0;
  Instant sent{};

  ~Coming() { owner->world_.deadlines().remove(*this); }
  void expired(Expiry why) override {
    if (why == Expiry::deadline) owner->arrive(*this);
  }
};

ScriptedEchoes::ScriptedEchoes(World& world, const IpAddress& to, std::size_t size, std::optional<ScriptedEcho> script,
                               Log log)
    : EchoInbox(world.deadlines()), world_(world), script_(script), log_(std::move(log)) {
  remote_ = to;
  payload_.assign(size, 'e');
}

ScriptedEchoes::~ScriptedEchoes() = default;

Result<void> ScriptedEchoes::send() {
  log_();
  const std::uint32_t number = sent_++;
  if (!script_ || number < script_->lost_first) return {};
  if (script_->lost_every > 0 && (number + 1) % script_->lost_every == 0) return {};
  auto& coming = *coming_.emplace_back(std::make_unique<Coming>());
  coming.owner = this;
  coming.number = number;
  coming.sent = world_.now();
  world_.deadlines().add(coming, world_.now() + script_->round_trip);
  return {};
}

void ScriptedEchoes::arrive(const Coming& coming) {
  foreign_ += script_->foreign;
  if (script_->copies == 0) return;
  duplicates_ += script_->copies - 1;
  EchoAnswer answer;
  answer.number = coming.number;
  answer.took = world_.now() - coming.sent;
  if (script_->unreachable) {
    answer.reason = Reason::unreachable;
    answer.message = format_address(remote_) + ": ICMP host unreachable from 10.255.255.254";
  }
  put(std::move(answer));
}

}  // namespace audit::net
