#include "cli/transcript_sink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/text.hpp"
#include "proto/transcript_file.hpp"

namespace audit::cli {
namespace {

constexpr std::size_t most_queued = std::size_t{256} << 20U;

std::size_t size_of(const net::TranscriptRecord& record) {
  std::size_t size = sizeof record;
  if (const auto* exchange = std::get_if<net::Exchange>(&record))
    for (const net::Step& step : exchange->steps) size += sizeof step + step.asked.size() + step.got.size();
  return size;
}

}  // namespace

Result<std::unique_ptr<TranscriptSink>> TranscriptSink::create(const std::string& path) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0)
    return Error(Reason::local_fault, fmt::format("{}: the transcript could not be written: {}", visible(path),
                                                  std::generic_category().message(errno)));
  return std::unique_ptr<TranscriptSink>(new TranscriptSink(descriptor, path));
}

TranscriptSink::~TranscriptSink() {
  join();
  close(descriptor_);
}

void TranscriptSink::start(std::vector<std::string> secrets, std::vector<std::string> escaped) {
  redaction_ = std::make_unique<net::Redaction>(std::move(secrets), std::move(escaped));
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of its write
  thread_ = std::thread([this] { write_all(); });
}

void TranscriptSink::add(net::TranscriptRecord record) {
  const std::size_t size = size_of(record);
  {
    const std::scoped_lock lock(mutex_);
    if (!failure_.empty()) return;
    if (queued_bytes_ + size > most_queued) {
      failure_ = fmt::format("the disk is too slow: {} MiB wait to be written", most_queued >> 20U);
      return;
    }
    queued_bytes_ += size;
    queue_.push_back(std::move(record));
  }
  changed_.notify_one();
}

void TranscriptSink::give_up(std::string why) {
  const std::scoped_lock lock(mutex_);
  if (failure_.empty()) failure_ = std::move(why);
  queue_.clear();
}

bool TranscriptSink::put(const std::string& bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = write(descriptor_, bytes.data() + done, bytes.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      give_up(std::generic_category().message(errno));
      return false;
    }
    done += static_cast<std::size_t>(written);
  }
  return true;
}

void TranscriptSink::write_all() {
  try {
    proto::TranscriptWriter writer;
    std::string out;
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ended_ || !queue_.empty(); });
      if (queue_.empty()) break;
      net::TranscriptRecord record = std::move(queue_.front());
      queue_.pop_front();
      queued_bytes_ -= size_of(record);
      lock.unlock();
      redaction_->redact(record);
      writer.add(encode(record), out);
      if (!put(out)) return;
      out.clear();
    }
    {
      const std::scoped_lock lock(mutex_);
      if (!failure_.empty()) return;
    }
    writer.end(out);
    if (put(out) && fsync(descriptor_) != 0 && errno != EINVAL) give_up(std::generic_category().message(errno));
  } catch (const std::exception& failure) {
    give_up(failure.what());
  }
}

void TranscriptSink::join() {
  {
    const std::scoped_lock lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Result<void> TranscriptSink::finish() {
  join();
  if (failure_.empty()) return {};
  return Error(Reason::local_fault,
               fmt::format("{}: the transcript could not be written: {}; what is there of it cannot be replayed",
                           visible(path_), failure_));
}

}  // namespace audit::cli
