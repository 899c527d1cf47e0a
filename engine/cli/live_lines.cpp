#include "cli/live_lines.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "report/jsonl.hpp"

namespace audit::cli {
namespace {

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

LiveLines::LiveLines(ReportWish wish, bool again) : wish_(std::move(wish)) {
  if (again) waiting_ = "\n";
  thread_ = std::thread([this] { write_all(); });
}

LiveLines::~LiveLines() { close(); }

void LiveLines::begin(const RunRecord& run) {
  put(lines_of([&](report::JsonlStream& stream) { stream.begin(run); }));
}

void LiveLines::add(const TargetRecord* target, const std::vector<Check>& checks, const RunRecord& run) {
  put(lines_of([&](report::JsonlStream& stream) {
    if (target != nullptr) stream.add(*target, run);
    for (const Check& check : checks) stream.add(check, run);
  }));
}

Result<void> LiveLines::end(const RunRecord& record) {
  put(lines_of([&](report::JsonlStream& stream) { stream.end(record); }));
  close();
  if (failure_) return *failure_;
  return {};
}

void LiveLines::put(std::string lines) {
  const std::lock_guard lock(mutex_);
  if (failure_) return;
  if (waiting_.empty())
    waiting_ = std::move(lines);
  else
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
    lock.unlock();
    errno = 0;
    out << lines;
    out.flush();
    const int number = errno != 0 ? errno : EIO;
    lock.lock();
    if (out) continue;
    failure_ = cannot_write(wish_.to_stdout() ? "standard output" : wish_.path, number);
    waiting_.clear();
    return;
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
