#include "cli/live_lines.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "audit/run_checks.hpp"
#include "report/jsonl.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t piece = std::size_t{64} << 10U;  // bytes, in which the end is told

template <class Write>
std::string lines_of(Write write) {
  std::ostringstream out;
  {
    report::JsonlStream stream(out);
    write(stream);
  }
  return std::move(out).str();
}

}  // namespace

bool LiveLines::takes(const ReportWish& wish) { return report::find_format(wish.format)->streams && !wish.to_file(); }

LiveLines::LiveLines(ReportWish wish, bool again, std::size_t most) : wish_(std::move(wish)), most_(most) {
  if (again) waiting_ = "\n";
  thread_ = std::thread([this] { write_all(); });
}

LiveLines::~LiveLines() { close(); }

void LiveLines::begin(const RunRecord& run) {
  const std::string lines = lines_of([&](report::JsonlStream& stream) { stream.begin(run); });
  const std::lock_guard lock(mutex_);
  hold(lines);
}

void LiveLines::add(const TargetRecord* target, const std::vector<Check>& checks, const RunRecord& run) {
  const bool told = put(lines_of([&](report::JsonlStream& stream) {
    if (target != nullptr) stream.add(*target, run);
    for (const Check& check : checks) stream.add(check, run);
  }));
  if (!told) return;
  if (target != nullptr) targets_told_.insert(target->ordinal);
  for (const Check& check : checks)
    if (check.target == core::every_target) run_rules_told_.insert(check.rule_ordinal);
}

Result<void> LiveLines::end(const RunRecord& record) {
  tell_the_rest(record);
  close();
  if (failure_) return *failure_;
  return {};
}

void LiveLines::tell_the_rest(const RunRecord& record) {
  std::ostringstream out;
  report::JsonlStream stream(out);
  const auto reads_on = [&] {
    if (static_cast<std::size_t>(out.tellp()) < piece) return true;
    const bool taken = put_in_turn(out.str());
    out.str({});
    return taken;
  };
  for (const TargetRecord& target : record.targets) {
    if (targets_told_.contains(target.ordinal)) continue;
    stream.add(target, record);
    if (!reads_on()) return;
  }
  for (const Check& check : record.checks) {
    if (was_told(check)) continue;
    stream.add(check, record);
    if (!reads_on()) return;
  }
  stream.end(record);
  (void)put_in_turn(out.str());
}

bool LiveLines::was_told(const Check& check) const {
  return check.target == core::every_target ? run_rules_told_.contains(check.rule_ordinal)
                                            : targets_told_.contains(check.target_ordinal);
}

bool LiveLines::put(const std::string& lines) {
  const std::lock_guard lock(mutex_);
  if (!has_room(lines.size())) return false;
  hold(lines);
  return true;
}

bool LiveLines::put_in_turn(const std::string& lines) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return failure_ || has_room(lines.size()); });
  hold(lines);
  return !failure_;
}

bool LiveLines::has_room(std::size_t size) const {
  const std::size_t held = waiting_.size() + being_written_;
  return held == 0 || held + size <= most_;
}

void LiveLines::hold(const std::string& lines) {
  if (failure_) return;
  waiting_ += lines;
  changed_.notify_all();
}

void LiveLines::write_all() {
  std::ofstream file;
  if (!wish_.to_stdout()) file.open(wish_.path, std::ios::binary);
  std::ostream& out = wish_.to_stdout() ? std::cout : file;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::string lines = std::exchange(waiting_, {});
    being_written_ = lines.size();
    lock.unlock();
    errno = 0;
    out << lines;
    out.flush();
    const int number = errno != 0 ? errno : EIO;
    lock.lock();
    being_written_ = 0;
    if (!out) {
      failure_ = cannot_write(wish_.to_stdout() ? "standard output" : wish_.path, number);
      waiting_.clear();
    }
    changed_.notify_all();
    if (failure_) return;
  }
}

void LiveLines::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

}  // namespace audit::cli
