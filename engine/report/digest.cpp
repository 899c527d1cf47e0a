#include "report/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/sink_stream.hpp"
#include "report/jsonl.hpp"

namespace audit::report {
namespace {

constexpr std::array<std::string_view, 5> names{"header", "rule", "target", "check", "summary"};
constexpr std::size_t summary = names.size() - 1;
constexpr std::size_t longest_start = std::string_view(R"({"line": "summary",)").size();

/// By what a line begins with; `names.size()` where it is of no kind.
std::size_t kind_of(std::string_view start) {
  std::size_t kind = 0;
  while (kind < names.size() && !start.starts_with(fmt::format(R"({{"line": "{}",)", names[kind]))) ++kind;
  return kind;
}

}  // namespace

void RecordDigest::refuse(std::string_view why) {
  if (mistake_.empty()) mistake_ = fmt::format("line {} {}", line_, why);
}

void RecordDigest::feed(std::string_view bytes) {
  while (!bytes.empty() && mistake_.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    take(bytes.substr(0, end));
    if (end < bytes.size()) end_line();
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
}

void RecordDigest::take(std::string_view piece) {
  if (!begun_) {
    const std::size_t missing = std::min(longest_start - start_.size(), piece.size());
    start_ += piece.substr(0, missing);
    piece.remove_prefix(missing);
    if (start_.size() == longest_start) begin_line();
  }
  if (begun_) trees_[kind_].feed(piece);
}

void RecordDigest::begin_line() {
  const std::size_t kind = kind_of(start_);
  if (kind == names.size()) return refuse("is none of a run's record");
  const bool once = kind == 0 || kind == summary;
  if (kind < kind_ || (line_ == 1) != (kind == 0) || (once && trees_[kind].size() > 0))
    return refuse(fmt::format("is a {} out of its place", names[kind]));
  kind_ = kind;
  begun_ = true;
  trees_[kind_].begin_leaf();
  trees_[kind_].feed(start_);
  start_.clear();
}

void RecordDigest::end_line() {
  if (!begun_) begin_line();
  if (!begun_) return;
  trees_[kind_].end_leaf();
  begun_ = false;
  ++line_;
}

Result<DigestTree> RecordDigest::finish() const {
  if (!mistake_.empty()) return Error(Reason::protocol_error, mistake_);
  if (begun_ || !start_.empty()) return Error(Reason::protocol_error, fmt::format("line {} has no end", line_));
  if (trees_[summary].size() == 0) return Error(Reason::protocol_error, "there is no summary at its end");
  DigestTree digest;
  MerkleTree whole;
  for (std::size_t kind = 0; kind < names.size(); ++kind) {
    digest.parts.push_back({std::string(names[kind]), trees_[kind].size(), hex_of(trees_[kind].root())});
    const DigestTree::Part& part = digest.parts.back();
    whole.add(fmt::format("{} {} {}", part.name, part.leaves, part.root));
  }
  digest.root = hex_of(whole.root());
  return digest;
}

DigestTree digest_of(const RunRecord& record) {
  RecordDigest digest;
  SinkStream out([&](std::string_view bytes) {
    digest.feed(bytes);
    return true;
  });
  write_record(record, out);
  Result<DigestTree> tree = digest.finish();
  if (!tree) throw std::logic_error("the record of the run cannot be read again: " + tree.error().message);
  return std::move(*tree);
}

}  // namespace audit::report
