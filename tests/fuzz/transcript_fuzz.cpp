#include "fuzz.hpp"
#include "net/recording.hpp"
#include "net/redaction.hpp"
#include "proto/transcript_file.hpp"

using namespace audit;

namespace {

/// A record that reads is written back as one that reads the same.
void one_record(std::string_view bytes) {
  const auto record = net::decode_record(bytes);
  if (!record) return;
  const std::string again = net::encode(*record);
  const auto same = net::decode_record(again);
  require(same.has_value());
  require(net::encode(*same) == again);
  (void)net::decode_tls_session(bytes);
}

/// Records, each behind a byte of its length: whatever is accepted can be asked.
void many_records(std::string_view bytes) {
  net::Recording recording;
  while (!bytes.empty()) {
    const std::size_t size = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (!recording.add(bytes.substr(0, size))) return;
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  if (!recording.finish() || !recording.restore({"secret"})) return;
  Endpoint endpoint;
  for (const auto kind : {net::Exchange::Kind::stream, net::Exchange::Kind::datagram, net::Exchange::Kind::echo})
    if (const auto* found = recording.with(kind, endpoint)) (void)net::choose(*found);
  (void)recording.next_port(endpoint);
  (void)recording.beginning(endpoint, false, "x");
}

void whole_file(std::string_view bytes) {
  using Step = proto::TranscriptReader::Step;
  proto::TranscriptReader reader;
  net::Recording recording;
  reader.feed(bytes);
  Step step = reader.next();
  for (; step == Step::record; step = reader.next())
    if (!recording.add(reader.record())) return;
  if (step == Step::end && recording.finish()) (void)recording.restore({"secret"}).ok();
}

}  // namespace

/// The first byte says what the rest is: r a record, l a list of them, anything else a file.
AUDIT_FUZZ_TARGET(bytes) {
  if (bytes.empty()) return;
  const char kind = bytes.front();
  bytes.remove_prefix(1);
  if (kind == 'r') {
    one_record(bytes);
  } else if (kind == 'l') {
    many_records(bytes);
  } else {
    whole_file(bytes);
  }
}
