#include "cli/history_touched.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "base/text.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_line.hpp"
#include "cli/state_options.hpp"
#include "cli/utc_text.hpp"
#include "store/history.hpp"

namespace audit::cli {
namespace {

constexpr auto window = std::chrono::minutes(1);

/// One thing that was sent, or a sweep.
struct Touch {
  WallTime time{};
  std::optional<WallTime> until;  // of a sweep whose time is known no closer
  std::string run;
  std::string target;
  std::string probe;
  std::string endpoint;
  std::string local;
  std::string result;
  std::set<std::string> rules;
};

/// A run, and what of it stands beside its entries.
struct Kept {
  const store::RunRow& row;
  std::vector<std::string> rules;  // by ordinal
  std::string vantage;             // the machine it ran on and its addresses; "" where it has not ended
};

class Search {
 public:
  Search(IpAddress address, std::optional<WallTime> at) : address_(address), at_(at) {}

  void look(const Kept& run, const store::Entry& entry) {
    const std::vector<IpAddress>& all = entry.record.addresses;
    if (std::find(all.begin(), all.end(), address_) == all.end()) return;
    Sent sent{run, entry.record.id, all.size() == 1, {}};
    add_checks(sent, entry.checks);
    add_collected(sent, entry.collected);
    keep(sent);
    add_sweep(run, entry);
  }

  /// Of a run that was killed: what it had asked of a target that was still open.
  void look(const Kept& run, const store::Part& part) {
    Sent sent{run, format_address(address_), false, {}};
    add_checks(sent, part.checks);
    add_collected(sent, part.collected);
    for (const store::Part::Answer& answer : part.answers) add(sent, answer.observation, "");
    keep(sent);
    if (!part.swept) return;
    for (const store::SweptHost& host : part.swept->hosts)
      if (host.address == address_)
        add_sweep(run, sent.target, "in a run that was cut short", part.swept->time, part.swept->time);
  }

  /// A candidate that gave no sign of life was asked all the same.
  void look(const Kept& run, const RunRecord& head) {
    const auto covers = [&](const AddressBlock& block) { return block.contains(address_); };
    for (const AddressList& list : head.dark)
      if (std::any_of(list.blocks.begin(), list.blocks.end(), covers))
        add_sweep(run, list.source, "asked for a sign of life, and gave none", run.row.started, run.row.finished);
  }

  [[nodiscard]] std::vector<Touch> all() {
    std::sort(touches_.begin(), touches_.end(), [](const Touch& a, const Touch& b) {
      return std::tie(a.time, a.run, a.endpoint, a.probe) < std::tie(b.time, b.run, b.endpoint, b.probe);
    });
    return std::move(touches_);
  }

  /// Questions past the cap of a check, which are counted and not kept.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  /// What was sent to one target of a run, each conversation once, whichever rules had its answer.
  struct Sent {
    const Kept& run;
    std::string target;
    bool only_address = false;
    std::map<std::tuple<WallTime, std::string, std::string, std::string>, Touch> touches;
  };

  /// Did any of it happen within a minute of the time asked for?
  [[nodiscard]] bool wanted(WallTime from, std::optional<WallTime> until) const {
    return !at_ || (from <= *at_ + window && (!until || *until >= *at_ - window));
  }

  /// Of a target with one address everything was sent there, but for what names another endpoint (a resolver).
  [[nodiscard]] bool concerns(const Observation& observation, bool only_address) const {
    const std::string shown = format_bracketed(address_);
    const bool named = observation.endpoint.find("/" + shown + ":") != std::string::npos ||
                       observation.endpoint == format_address(address_) || observation.remote.starts_with(shown + ":");
    return named || (only_address && observation.endpoint.empty());
  }

  void add(Sent& sent, const ObservationPtr& seen, const std::string& rule) const {
    if (!seen || !concerns(*seen, sent.only_address)) return;
    Touch& touch = sent.touches[{seen->time, seen->probe, seen->endpoint, seen->local}];
    touch.time = seen->time;
    touch.run = sent.run.row.id;
    touch.target = sent.target;
    touch.probe = seen->probe;
    touch.endpoint = seen->endpoint;
    touch.local = seen->local.empty() ? sent.run.vantage : seen->local;
    touch.result = name_of(seen->reason);
    if (!rule.empty()) touch.rules.insert(rule);
  }

  void add_checks(Sent& sent, const std::vector<Check>& checks) {
    for (const Check& check : checks) {
      dropped_ += check.observations_dropped;
      for (const Finding& finding : check.results)
        for (const Evidence& evidence : finding.evidence)
          add(sent, evidence.observation, sent.run.rules.at(check.rule_ordinal));
    }
  }

  /// What a rule of the whole run asked of the target stands in no check of the target's.
  void add_collected(Sent& sent, const std::vector<store::CollectedEntry>& collected) const {
    for (const store::CollectedEntry& entry : collected) {
      const std::string& rule = sent.run.rules.at(entry.rule);
      add(sent, entry.witness, rule);
      for (const store::CollectedEntry::Item& item : entry.items) add(sent, item.observation, rule);
    }
  }

  void keep(Sent& sent) {
    for (auto& [key, touch] : sent.touches)
      if (wanted(touch.time, touch.time)) touches_.push_back(std::move(touch));
  }

  void add_sweep(const Kept& run, const std::string& target, std::string result, WallTime from,
                 std::optional<WallTime> until) {
    if (!wanted(from, until)) return;
    Touch sweep;
    sweep.time = from;
    sweep.until = until;
    sweep.run = run.row.id;
    sweep.target = target;
    sweep.probe = "sweep";
    sweep.endpoint = format_address(address_);
    sweep.local = run.vantage;
    sweep.result = std::move(result);
    touches_.push_back(std::move(sweep));
  }

  /// The sweep has no observation of each port: what it asked is told in counts; of a silent host an echo at least.
  void add_sweep(const Kept& run, const store::Entry& entry) {
    const TargetRecord& record = entry.record;
    const auto open =
        static_cast<std::uint64_t>(std::count_if(record.ports.begin(), record.ports.end(), [&](const PortRecord& port) {
          return port.state == Reason::open && port.endpoint.address == address_;
        }));
    if (record.life == TargetLife::unknown && open + record.ports_closed + record.ports_filtered == 0) return;
    add_sweep(run, record.id,
              fmt::format("{} open, {} closed, {} filtered{}", open, record.ports_closed, record.ports_filtered,
                          record.addresses.size() > 1 ? " of all addresses of the target" : ""),
              run.row.started, run.row.finished);
  }

  IpAddress address_;
  std::optional<WallTime> at_;
  std::vector<Touch> touches_;
  std::uint64_t dropped_ = 0;
};

/// Why it was sent, in words.
std::string purpose_of(const Touch& touch) {
  if (touch.probe == "sweep" && touch.rules.empty()) return "to find open ports and signs of life";
  if (touch.rules.empty()) return "for a check that had not ended";
  return "for " + visible(fmt::format("{}", fmt::join(touch.rules, ", ")));
}

void print(const Touch& touch, bool json) {
  if (!json) {
    fmt::print("{}{}  {:<8} {}  from {}  {}  {}  run {}\n", format_utc(touch.time),
               touch.until && *touch.until != touch.time ? " to " + format_utc(*touch.until) : "", touch.probe,
               visible(touch.endpoint), touch.local.empty() ? "?" : visible(touch.local), visible(touch.result),
               purpose_of(touch), visible(touch.run));
    return;
  }
  Value::Array list;
  for (const std::string& rule : touch.rules) list.emplace_back(rule);
  print_line(Value::Object{{"time", format_utc(touch.time)},
                           {"until", format_utc(touch.until.value_or(touch.time))},
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
  return exit_code_of_reading(error);
}

std::string vantage_of(const RunRecord& head) {
  const auto& vantage = head.run.vantage;
  return vantage.addresses.empty() ? vantage.host
                                   : fmt::format("{} ({})", vantage.host, fmt::join(vantage.addresses, ", "));
}

Result<void> look_at(const store::History& history, const store::RunRow& row, Search& search) {
  Result<store::RunStart> start = history.start_of(row);
  if (!start) return start.error();
  Kept run{row, std::move(start->rules), {}};
  if (const Result<RunRecord> head = history.head_of(row); head) {
    run.vantage = vantage_of(*head);
    search.look(run, *head);
  } else {
    std::cerr << "audit history: candidates that gave no sign of life, and what was sent last, are missing below: "
              << head.error().message << '\n';
    const Result<void> parts = history.read_parts(row, [&](store::Part&& part) { search.look(run, part); });
    if (!parts) return parts.error();
  }
  const auto read = history.read(row, [&](store::Entry&& entry, bool) { search.look(run, entry); });
  return read ? Result<void>() : read.error();
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
  for (const store::RunRow& run : *runs)
    if (const Result<void> looked = look_at(*history, run, search); !looked) return fail(looked.error());
  const std::vector<Touch> touches = search.all();
  for (const Touch& touch : touches) print(touch, json);
  if (search.dropped() > 0)
    std::cerr << fmt::format("audit history: {} more of its targets' checks were counted and not kept\n",
                             counted(search.dropped(), "question"));
  if (!touches.empty()) return exit_complete;
  std::cerr << fmt::format(
      "audit history: none of {} sent anything to {}{}; runs that were not kept with --state are not "
      "known here\n",
      counted(runs->size(), "run"), format_address(*parsed), at.empty() ? "" : " within a minute of that time");
  return exit_findings;
}

}  // namespace audit::cli
