#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/recorder.hpp"
#include "net/redaction.hpp"

namespace audit::cli {

/// Writes a transcript, in a thread of its own: whoever records never waits for the disk. Where the disk cannot keep up,
/// or is full, the transcript is given up, and the run goes on.
class TranscriptSink final : public net::Recorder {
 public:
  /// A new file, for nobody else to read. Error local_fault: why there is none.
  [[nodiscard]] static Result<std::unique_ptr<TranscriptSink>> create(const std::string& path);
  ~TranscriptSink() override;

  /// Before the first record: what must not be written. As Redaction's own.
  void start(std::vector<std::string> secrets, std::vector<std::string> escaped);
  void add(net::TranscriptRecord record) override;
  /// After the last. Error local_fault: why the file is not whole.
  [[nodiscard]] Result<void> finish();

 private:
  TranscriptSink(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
  void write_all();
  /// False where it could not.
  bool put(const std::string& bytes);
  void give_up(std::string why);
  void join();

  int descriptor_;
  std::string path_;
  std::unique_ptr<net::Redaction> redaction_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<net::TranscriptRecord> queue_;
  std::size_t queued_bytes_ = 0;
  bool ended_ = false;
  std::string failure_;
  std::thread thread_;
};

}  // namespace audit::cli
