#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "proto/http.hpp"
#include "splits.hpp"

namespace audit::test {

/// A reader's outcome in one line: "200 OK 1.1 [Server=x] body=abc" or "protocol_error: …".
inline std::string outcome(proto::HttpResponseReader& reader, bool ended = false) {
  using Step = proto::HttpResponseReader::Step;
  const Step step = ended ? reader.end() : reader.feed("");
  if (step == Step::failed) return fmt::format("{}: {}", name_of(reader.error().reason), reader.error().message);
  if (step == Step::need_more) return "need more";
  const proto::HttpResponse& response = reader.response();
  std::string headers;
  for (const auto& header : response.headers) headers += fmt::format("[{}={}]", header.name, header.value);
  std::string coding;
  if (!response.coding.empty() || !response.coding_problem.empty()) coding = " coding=" + response.coding;
  if (!response.coding_problem.empty()) coding += fmt::format(" ({})", response.coding_problem);
  return fmt::format("{} {} {} {} body={}{} size={}{}", response.status, response.reason, response.version, headers,
                     response.body, response.body_truncated ? "…" : "", response.body_size, coding);
}

struct HttpReading {
  bool head = false;
  bool ended = false;
  proto::HttpLimits limits;
};

/// The outcome of `bytes`, after it is seen to be the same for every split of them.
inline std::string read_http(std::string_view bytes, const HttpReading& reading = {}) {
  const auto make = [&] { return proto::HttpResponseReader(reading.head, reading.limits); };
  const auto say = [&](proto::HttpResponseReader& reader) { return outcome(reader, reading.ended); };
  if (bytes.size() < 3000)
    if (std::string differing = differing_split(bytes, make, say); !differing.empty()) return differing;
  auto reader = make();
  reader.feed(bytes);
  return say(reader);
}

}  // namespace audit::test
