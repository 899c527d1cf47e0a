#include "cli/plan_names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "audit/chosen_hosts.hpp"
#include "audit/run.hpp"
#include "base/text.hpp"
#include "net/kernel_world.hpp"

namespace audit::cli {
namespace {

constexpr Duration resolving_time = std::chrono::seconds(20);

/// The names of a plan and what they lead to. Lives for one pass over them, on one thread.
class PlannedNames {
 public:
  PlannedNames(const core::Plan& plan, probe::Services& services)
      : plan_(plan), services_(services), ends_(services.world.now() + core::NameGuards::longest) {
    for (const inventory::Entry& entry : plan.inventory->entries)
      if (entry.kind == inventory::Entry::Kind::name) entries_.push_back(&entry);
    answers_.assign(entries_.size(), Error(Reason::unresolved, ""));
  }

  /// What guards the addresses of others is known before anything else, as in a run.
  [[nodiscard]] awaitable<void> resolve() {
    if (plan_.inventory->guards) co_await guards_.learn(*plan_.inventory->guards, services_);
    for (std::size_t i = std::min(core::NameGuards::at_once, entries_.size()); i > 0; --i)
      asio::co_spawn(services_.world.io(), resolve_next(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
      });
  }

  void print() const {
    fmt::print("Names ({}), as they resolve now; a run asks again:\n", entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i)
      fmt::print("  {:<26} {}\n", visible(entries_[i]->name), what_becomes(*entries_[i], answers_[i]));
    for (const std::string& notice : guards_.notices()) fmt::print("  Note: {}\n", visible(notice));
  }

 private:
  [[nodiscard]] awaitable<void> resolve_next() {
    while (next_ < entries_.size()) {
      const std::size_t mine = next_++;
      const std::string& name = entries_[mine]->name;
      const Instant now = services_.world.now();
      if (const Result<net::Resolved>* known = guards_.known(name); known != nullptr) {
        answers_[mine] = *known;
      } else if (now >= ends_) {
        answers_[mine] = Error(Reason::timeout, fmt::format("not asked: {} was not enough for all names",
                                                            format_duration(core::NameGuards::longest)));
      } else {
        const Instant deadline = std::min(ends_, now + resolving_time);
        answers_[mine] = co_await services_.resolver.addresses(name, deadline);
      }
    }
  }

  [[nodiscard]] std::string what_becomes(const inventory::Entry& entry, const Result<net::Resolved>& answer) const {
    if (!answer) return fmt::format("{}: {}", name_of(answer.error().reason), visible(answer.error().message));
    const core::ChosenHosts chosen = core::choose_hosts(plan_, &guards_, entry, answer->addresses);
    std::string text = chosen.asked.empty() ? "nothing that may be asked" : listed(chosen.asked);
    if (!chosen.left.empty()) text += "; not asked (resolve = \"first\"): " + listed(chosen.left);
    if (!chosen.excluded.empty()) text += "; excluded: " + listed(chosen.excluded);
    for (const auto& [address, why] : chosen.refused) text += "; out of scope: " + visible(why.message);
    if (!answer->notice.empty()) text += "; " + visible(answer->notice);
    return text;
  }

  [[nodiscard]] static std::string listed(const std::vector<IpAddress>& addresses) {
    std::string text;
    for (const IpAddress& address : addresses) text += (text.empty() ? "" : ", ") + format_address(address);
    return text;
  }

  const core::Plan& plan_;
  probe::Services& services_;
  Instant ends_;
  core::NameGuards guards_;
  std::vector<const inventory::Entry*> entries_;
  std::vector<Result<net::Resolved>> answers_;
  std::size_t next_ = 0;
};

}  // namespace

void print_names(const core::Plan& plan, const net::ResolverConfig& resolvers) {
  const core::Machinery machinery = core::measure_machinery();
  const std::uint32_t sockets = std::max<std::uint32_t>(2, machinery.descriptors / 2);
  asio::io_context io(1);
  net::KernelWorld world(io, net::KernelShare(sockets, sockets));
  net::Rate rate(plan.inventory->limits.rate);
  const probe::Identity nobody;
  probe::Services services(world, rate, resolvers, nobody);
  PlannedNames names(plan, services);
  asio::co_spawn(io, names.resolve(), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
  names.print();
}

}  // namespace audit::cli
