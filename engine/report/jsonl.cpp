#include "report/jsonl.hpp"

#include <algorithm>
#include <ostream>
#include <streambuf>

#include "report/json_records.hpp"
#include "report/json_value.hpp"

namespace audit::report {
namespace {

/// Passes on what is written but for the newlines, with which RapidJSON lays out an object: a text has none in it.
class Unbroken final : public std::streambuf {
 public:
  explicit Unbroken(std::ostream& out) : out_(out) {}

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    std::string_view left(bytes, static_cast<std::size_t>(size));
    while (!left.empty()) {
      const std::size_t end = std::min(left.find('\n'), left.size());
      out_.write(left.data(), static_cast<std::streamsize>(end));
      left.remove_prefix(std::min(end + 1, left.size()));
    }
    return out_ ? size : 0;
  }
  int_type overflow(int_type byte) override {
    const char c = traits_type::to_char_type(byte);
    return traits_type::eq_int_type(byte, traits_type::eof()) || xsputn(&c, 1) == 1 ? traits_type::not_eof(byte)
                                                                                    : traits_type::eof();
  }

 private:
  std::ostream& out_;
};

/// What is known before the first check ends.
void put_header(JsonWriter& json, const RunRecord& record) {
  put(json, "schema", std::uint64_t{1});
  put_object(json, "tool", [&] {
    put(json, "name", record.tool.name);
    put(json, "version", record.tool.version);
  });
  put_object(json, "run", [&] {
    put(json, "id", record.run.id);
    put(json, "started", format_utc(record.run.started));
    put(json, "seed", record.run.seed);
    put(json, "command", record.run.command);
  });
  put_object(json, "inventory", [&] { put_inventory(json, record); });
}

void put_end(JsonWriter& json, const RunRecord& record) {
  put_name(json, "run");
  put_run(json, record);
  put_name(json, "summary");
  put_summary(json, record);
  put_each(json, "waivers", record.waivers, [&](const WaiverRecord& waiver) { put_waiver(json, waiver); });
  put_each(json, "attestations", record.attestations,
           [&](const AttestationRecord& attestation) { put_attestation(json, attestation); });
  put_each(json, "dark", record.dark, [&](const AddressList& list) { put_addresses(json, list); });
  put_each(json, "excluded", record.excluded, [&](const AddressList& list) { put_addresses(json, list); });
  put_each(json, "left_out", record.left_out, [&](const LeftOut& part) { put_left_out(json, part); });
  put(json, "notices", record.notices);
}

}  // namespace

/// Writes one object after the other, a line each.
class JsonlStream::Lines {
 public:
  explicit Lines(std::ostream& out) : out_(out), unbroken_(out), inner_(&unbroken_), stream_(inner_) {}

  template <class Write>
  void put_line(std::string_view kind, Write write) {
    JsonWriter json(stream_);
    json.SetIndent(' ', 0);
    put_object(json, [&] {
      put(json, "line", kind);
      write(json);
    });
    stream_.Flush();
    out_ << '\n';
  }
  void put_check_line(const Check& check, const RunRecord& run, Seen seen) {
    put_line("check", [&](JsonWriter& json) {
      put_name(json, "check");
      put_check(json, check, run, seen);
    });
  }

 private:
  std::ostream& out_;
  Unbroken unbroken_;
  std::ostream inner_;
  JsonStream stream_;
};

JsonlStream::JsonlStream(std::ostream& out) : lines_(std::make_unique<Lines>(out)) {}

JsonlStream::~JsonlStream() = default;

void JsonlStream::begin(const RunRecord& run) {
  lines_->put_line("header", [&](JsonWriter& json) { put_header(json, run); });
  for (const RuleRecord& rule : run.rules)
    lines_->put_line("rule", [&](JsonWriter& json) {
      put_name(json, "rule");
      put_rule(json, rule, run.controls);
    });
}

void JsonlStream::add(const TargetRecord& target, const RunRecord& run) {
  lines_->put_line("target", [&](JsonWriter& json) {
    put_name(json, "target");
    put_target(json, target, run);
  });
}

void JsonlStream::add(const Check& check, const RunRecord& run) { lines_->put_check_line(check, run, Seen::left_out); }

void JsonlStream::end(const RunRecord& run) {
  lines_->put_line("summary", [&](JsonWriter& json) { put_end(json, run); });
}

void JsonlStream::write(const RunRecord& record, Seen seen) {
  begin(record);
  for (const TargetRecord& target : record.targets) add(target, record);
  for (const Check& check : record.checks) lines_->put_check_line(check, record, seen);
  end(record);
}

void write_jsonl(const RunRecord& record, const Style&, std::ostream& out) {
  JsonlStream(out).write(record, Seen::told);
}

void write_record(const RunRecord& record, std::ostream& out) { JsonlStream(out).write(record, Seen::left_out); }

}  // namespace audit::report
