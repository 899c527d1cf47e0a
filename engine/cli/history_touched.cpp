#include "cli/history_touched.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <set>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/utc_text.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

constexpr auto window = std::chrono::minutes(1);

/// One thing that was sent, or a sweep.
struct Touch {
  WallTime time{};
  std::string run;
  std::string target;
  std::string probe;
  std::string endpoint;
  std::string local;
  std::string result;
  std::set<std::string> rules;
};

class Search {
 public:
  Search(IpAddress address, std::optional<WallTime> at) : address_(address), at_(at) {}

  void look(const store::RunRow& run, const store::Entry& entry) {
    const std::vector<IpAddress>& all = entry.record.addresses;
    if (std::find(all.begin(), all.end(), address_) == all.end()) return;
    std::map<const Observation*, Touch> found;
    for (const Check& check : entry.checks)
      for (const Finding& finding : check.results)
        for (const Evidence& evidence : finding.evidence)
          if (evidence.observation && concerns(*evidence.observation, all.size() == 1))
            add(found[evidence.observation.get()], run, entry, *evidence.observation).rules.insert(check.rule);
    for (auto& [observation, touch] : found)
      if (wanted(touch.time)) touches_.push_back(std::move(touch));
    add_sweep(run, entry);
  }

  /// A candidate that gave no sign of life was asked all the same.
  void look(const store::RunRow& run, const RunRecord& head) {
    const auto covers = [&](const AddressBlock& block) { return block.contains(address_); };
    for (const AddressList& list : head.dark)
      if (std::any_of(list.blocks.begin(), list.blocks.end(), covers))
        add_sweep(run, list.source, "asked for a sign of life, and gave none");
  }

  [[nodiscard]] std::vector<Touch> all() {
    std::sort(touches_.begin(), touches_.end(), [](const Touch& a, const Touch& b) {
      return std::tie(a.time, a.run, a.endpoint, a.probe) < std::tie(b.time, b.run, b.endpoint, b.probe);
    });
    return std::move(touches_);
  }

 private:
  [[nodiscard]] bool wanted(WallTime time) const { return !at_ || (time <= *at_ + window && time >= *at_ - window); }

  /// Of a target with one address everything was sent there, but for what names another endpoint (a resolver).
  [[nodiscard]] bool concerns(const Observation& observation, bool only_address) const {
    const std::string shown = format_bracketed(address_);
    const bool named = observation.endpoint.find("/" + shown + ":") != std::string::npos ||
                       observation.endpoint == format_address(address_) || observation.remote.starts_with(shown + ":");
    return named || (only_address && observation.endpoint.empty());
  }

  static Touch& add(Touch& touch, const store::RunRow& run, const store::Entry& entry, const Observation& observation) {
    touch.time = observation.time;
    touch.run = run.id;
    touch.target = entry.record.id;
    touch.probe = observation.probe;
    touch.endpoint = observation.endpoint;
    touch.local = observation.local;
    touch.result = name_of(observation.reason);
    return touch;
  }

  void add_sweep(const store::RunRow& run, const std::string& target, std::string result) {
    if (!wanted(run.started)) return;
    Touch sweep;
    sweep.time = run.started;
    sweep.run = run.id;
    sweep.target = target;
    sweep.probe = "sweep";
    sweep.endpoint = format_address(address_);
    sweep.result = std::move(result);
    touches_.push_back(std::move(sweep));
  }

  /// The sweep has no observation of each port: what it asked is told in counts; of a silent host an echo at least.
  void add_sweep(const store::RunRow& run, const store::Entry& entry) {
    const TargetRecord& record = entry.record;
    const auto open =
        static_cast<std::uint64_t>(std::count_if(record.ports.begin(), record.ports.end(), [&](const PortRecord& port) {
          return port.state == Reason::open && port.endpoint.address == address_;
        }));
    if (record.life == TargetLife::unknown && open + record.ports_closed + record.ports_filtered == 0) return;
    add_sweep(run, record.id,
              fmt::format("{} open, {} closed, {} filtered{}", open, record.ports_closed, record.ports_filtered,
                          record.addresses.size() > 1 ? " of all addresses of the target" : ""));
  }

  IpAddress address_;
  std::optional<WallTime> at_;
  std::vector<Touch> touches_;
};

void print(const Touch& touch, bool json) {
  std::string rules;
  for (const std::string& rule : touch.rules) rules += (rules.empty() ? "" : ", ") + rule;
  if (!json) {
    fmt::print("{}  {:<8} {}  from {}  {}  {}  run {}\n", format_utc(touch.time), touch.probe, visible(touch.endpoint),
               touch.local.empty() ? "?" : visible(touch.local), visible(touch.result),
               rules.empty() ? "to find open ports" : "for " + visible(rules), visible(touch.run));
    return;
  }
  Value::Array list;
  for (const std::string& rule : touch.rules) list.emplace_back(rule);
  print_line(Value::Object{{"time", format_utc(touch.time)},
                           {"run", touch.run},
                           {"target", touch.target},
                           {"probe", touch.probe},
                           {"endpoint", touch.endpoint},
                           {"local", touch.local},
                           {"result", touch.result},
                           {"rules", std::move(list)}});
}

int fail(const Error& error) {
  std::cerr << "audit history: " << error.message << '\n';
  return exit_config;
}

}  // namespace

int list_touched(const std::string& state, const std::string& address, const std::string& at, bool json) {
  const std::optional<IpAddress> parsed = parse_address(address);
  const std::optional<WallTime> time = at.empty() ? std::nullopt : parse_utc(at);
  if (!parsed || (!at.empty() && !time)) {
    std::cerr << (!parsed
                      ? fmt::format("audit history touched: `{}` is not an address such as 10.20.1.7 or 2001:db8::1\n",
                                    visible(address))
                      : fmt::format("audit history touched: --at takes a time in UTC such as 2026-11-20T22:04:05Z, "
                                    "not `{}`\n",
                                    visible(at)));
    return exit_usage;
  }
  const Result<store::History> history = store::History::open(state);
  if (!history) return fail(history.error());
  const Result<std::vector<store::RunRow>> runs = history->runs();
  if (!runs) return fail(runs.error());
  Search search(canonical(*parsed), time);
  for (const store::RunRow& run : *runs) {
    const Result<RunRecord> head = history->head_of(run);
    if (head)
      search.look(run, *head);
    else
      std::cerr << "audit history: candidates that gave no sign of life are missing below: " << head.error().message
                << '\n';
    if (const auto read = history->read(run, [&](store::Entry&& entry, bool) { search.look(run, entry); }); !read)
      return fail(read.error());
  }
  const std::vector<Touch> touches = search.all();
  for (const Touch& touch : touches) print(touch, json);
  if (!touches.empty()) return exit_complete;
  std::cerr << fmt::format(
      "audit history: none of {} sent anything to {}{}; runs that were not kept with --state are not "
      "known here\n",
      counted(runs->size(), "run"), format_address(*parsed), at.empty() ? "" : " within a minute of that time");
  return exit_findings;
}

}  // namespace audit::cli
