#include "sample_record.hpp"

#include <algorithm>
#include <array>

#include "base/digest.hpp"
#include "base/fingerprint.hpp"

#include "written.hpp"

namespace audit::report {
namespace {

using namespace std::chrono_literals;

constexpr WallTime start{std::chrono::milliseconds{1'795'212'245'123}};

Day on(int year, unsigned month, unsigned day) {
  return Day(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
}

RuleRecord rule(std::string id, std::string title, Severity severity, std::string_view ports, std::string rationale,
                std::string remediation, std::vector<std::string> references) {
  RuleRecord record;
  record.file = id;
  std::replace(record.file.begin(), record.file.end(), '.', '/');
  record.file += ".lua";
  record.tags = {id.substr(0, id.find('.'))};
  record.id = std::move(id);
  record.title = std::move(title);
  record.severity = severity;
  record.rationale = std::move(rationale);
  record.remediation = std::move(remediation);
  record.references = std::move(references);
  if (!ports.empty()) record.ports.tcp = *parse_ports(ports);
  record.sha256 = std::string(64, static_cast<char>('0' + record.title.size() % 10));
  return record;
}

std::vector<RuleRecord> rules() {
  return {
      rule("exposure.ftp-open", "FTP is not reachable", Severity::medium, "21",
           "FTP sends credentials and files in clear text.", "Disable the FTP server; use SFTP.",
           {"https://www.rfc-editor.org/rfc/rfc959"}),
      rule("exposure.telnet-open", "Telnet is not reachable", Severity::high, "23",
           "Telnet sends credentials in clear text. Anyone on the path can read and replay them.",
           "Disable the Telnet server; manage the device over SSH.",
           {"https://www.rfc-editor.org/rfc/rfc854", "CIS Controls v8, 4.8"}),
      rule("management.access", "How the device is managed", Severity::info, "", "", "", {}),
      rule("policy.port-unexpected", "Only the ports that the group allows are open", Severity::medium, "",
           "A port that nobody asked for is a service that nobody maintains.",
           "Close the port, or add it to the group's expect.tcp.allow with a reason.", {}),
      rule("ssh.obsolete-protocol", "SSH speaks version 2 only", Severity::critical, "22",
           "SSH 1 is broken: a session can be read and altered by whoever is on the path.",
           "Set the server to protocol 2; replace the device where it cannot.",
           {"https://www.rfc-editor.org/rfc/rfc4253"}),
      rule("web.answers", "What the web server says", Severity::info, "80,443,8080", "", "", {}),
  };
}

PortRecord open_port(const IpAddress& address, std::uint16_t number) {
  return {{address, number, Transport::tcp}, Reason::open, ""};
}

TargetRecord target(std::uint64_t ordinal, std::string id, std::string_view address,
                    const std::vector<std::uint16_t>& open) {
  TargetRecord record;
  record.ordinal = ordinal;
  record.id = std::move(id);
  record.groups = {"switches"};
  record.owner = "netops";
  record.life = TargetLife::alive;
  record.life_message = "SYN-ACK from tcp/22";
  record.file = "campus.toml";
  record.line = static_cast<std::uint32_t>(14 + 4 * ordinal);
  if (!address.empty()) record.addresses = {*parse_address(address)};
  for (const std::uint16_t port : open) record.ports.push_back(open_port(record.addresses.front(), port));
  record.ports_closed = 1024 - open.size();
  return record;
}

std::vector<TargetRecord> targets() {
  std::vector<TargetRecord> all;
  all.push_back(target(0, "core-1.example.net", "10.20.1.1", {22, 443, 830}));
  all.back().names = {"core-1.example.net"};
  all.push_back(target(1, "10.20.1.7", "10.20.1.7", {22, 23}));
  all.back().tags = {"console"};
  all.push_back(target(2, "10.20.1.12", "10.20.1.12", {21, 22, 8080}));
  all.back().ports.push_back({{all.back().addresses.front(), 23, Transport::tcp}, Reason::filtered, "3 attempts"});
  all.push_back(target(3, "access-4.example.net", "2001:db8:20::4", {22}));
  all.push_back(target(4, "10.20.1.99", "10.20.1.99", {}));
  all.back().life = TargetLife::silent;
  all.back().life_message = "no answer to ping or to any of 6 ports, 3 attempts each";
  all.back().ports_closed = 0;
  all.back().ports_filtered = 6;
  all.push_back(target(5, "old-switch.example.net", "", {}));
  all.back().life = TargetLife::unresolved;
  all.back().life_message = "NXDOMAIN from 10.20.0.53";
  all.back().ports_closed = 0;
  return all;
}

Evidence seen(std::string label, std::string probe, std::string endpoint, Value::Object fields) {
  Observation observation;
  observation.probe = std::move(probe);
  observation.endpoint = std::move(endpoint);
  observation.time = start + 2400ms;
  observation.elapsed = 12'345us;
  observation.local = "10.20.0.5:50412";
  observation.remote = observation.endpoint.substr(observation.endpoint.find('/') + 1);
  observation.fields = Value(std::move(fields));
  return {std::move(label), std::make_shared<const Observation>(std::move(observation)), {}};
}

/// The certificates that a server showed, its own first.
Evidence certificate_of(std::string endpoint, std::string subject, Day first, Day last) {
  const auto at = [](Day day) { return std::chrono::sys_seconds(day).time_since_epoch().count(); };
  Value::Object leaf{{"subject", subject},
                     {"issuer", "CN=Example Device CA,O=Example"},
                     {"fingerprint_sha256", sha256_hex(subject)},
                     {"not_before", format_day(first) + "T00:00:00Z"},
                     {"not_before_time", at(first)},
                     {"not_after", format_day(last) + "T00:00:00Z"},
                     {"not_after_time", at(last)}};
  return seen("", "tls", std::move(endpoint),
              {{"version", "TLSv1.2"}, {"verified", false}, {"chain", Value::Array{std::move(leaf)}}});
}

Check failed(std::string rule, std::string target, Severity severity, std::string endpoint, std::string message,
             std::vector<Evidence> evidence) {
  Check check = check_of(std::move(rule), std::move(target), Status::fail, Reason::observed, std::move(message));
  check.results[0].severity = severity;
  check.results[0].endpoint = std::move(endpoint);
  check.results[0].evidence = std::move(evidence);
  return check;
}

void add_failures(RunRecord& record) {
  add(record,
      failed("exposure.telnet-open", "10.20.1.7", Severity::high, "tcp/10.20.1.7:23", "Telnet answers on 23/tcp",
             {seen("", "port", "tcp/10.20.1.7:23", {{"state", "open"}, {"connect_time", 0.0012}}),
              seen("banner", "banner", "tcp/10.20.1.7:23",
                   {{"bytes", "\xff\xfd\x18\r\nUser Access Verification\r\n\r\nUsername: "},
                    {"text", "\xff\xfd\x18\r\nUser Access Verification\r\n\r\nUsername: "},
                    {"ended", "idle"}})}));
  add(record,
      failed("ssh.obsolete-protocol", "10.20.1.7", Severity::critical, "tcp/10.20.1.7:22",
             "the server offers SSH 1: SSH-1.99-Cisco-1.25",
             {seen("banner", "banner", "tcp/10.20.1.7:22", {{"text", "SSH-1.99-Cisco-1.25\n"}, {"ended", "idle"}})}));
  Check ftp = failed(
      "exposure.ftp-open", "10.20.1.12", Severity::medium, "tcp/10.20.1.12:21", "FTP answers on 21/tcp",
      {seen("banner", "banner", "tcp/10.20.1.12:21", {{"text", "220 printer FTP ready.\r\n"}, {"ended", "idle"}})});
  ftp.results[0].waiver = "W-17";
  add(record, std::move(ftp));
  Check ports = failed("policy.port-unexpected", "10.20.1.12", Severity::medium, "tcp/10.20.1.12:21",
                       "21/tcp is open; group switches allows 22, 443 and 830, looked at 1-1024",
                       {seen("", "port", "tcp/10.20.1.12:21", {{"state", "open"}})});
  ports.results[0].key = "21";
  ports.results.push_back(ports.results[0]);
  ports.results[1].endpoint = "tcp/10.20.1.12:8080";
  ports.results[1].key = "8080";
  ports.results[1].message = "8080/tcp is open; group switches allows 22, 443 and 830";
  ports.results[1].evidence = {seen("", "port", "tcp/10.20.1.12:8080", {{"state", "open"}})};
  add(record, std::move(ports));
}

void add_answers(RunRecord& record) {
  for (const char* id : {"core-1.example.net", "10.20.1.12", "access-4.example.net"}) {
    add(record, check_of("exposure.telnet-open", id, Status::pass, Reason::closed, "every port is closed or filtered"));
    add(record, check_of("ssh.obsolete-protocol", id, Status::pass, Reason::observed, "SSH-2.0-OpenSSH_9.2"));
    add(record, check_of("management.access", id, Status::informational, Reason::observed, "ssh"));
  }
  for (const char* id : {"core-1.example.net", "10.20.1.7", "access-4.example.net"}) {
    add(record, check_of("exposure.ftp-open", id, Status::pass, Reason::closed, "every port is closed or filtered"));
    add(record, check_of("policy.port-unexpected", id, Status::pass, Reason::observed, "only allowed ports are open"));
  }
  add(record, check_of("management.access", "10.20.1.7", Status::informational, Reason::observed, "ssh and telnet"));
  add(record, check_of("management.access", "10.20.1.99", Status::informational, Reason::unreachable, "unreachable"));
  Check web = check_of("web.answers", "core-1.example.net", Status::informational, Reason::observed,
                       "HTTP/1.1 301 Moved Permanently");
  web.results[0].evidence = {
      certificate_of("tcp/10.20.1.1:443", "CN=core-1.example.net", on(2025, 12, 1), on(2026, 12, 1)),
      certificate_of("tcp/10.20.1.1:830", "CN=core-1 NETCONF", on(2024, 6, 1), on(2034, 6, 1))};
  add(record, std::move(web));
  for (const char* id : {"10.20.1.7", "access-4.example.net"})
    add(record,
        check_of("web.answers", id, Status::not_applicable, Reason::closed, "every port is closed or filtered"));
  Check printer = check_of("web.answers", "10.20.1.12", Status::error, Reason::timeout,
                           "tcp/10.20.1.12:8080 accepted the connection and sent nothing within 2s");
  printer.results[0].evidence = {
      certificate_of("tcp/10.20.1.12:8080", "CN=printer,O=Factory default", on(2016, 1, 1), on(2026, 1, 1))};
  add(record, std::move(printer));
}

void add_silence(RunRecord& record) {
  for (const char* id : {"exposure.ftp-open", "exposure.telnet-open", "policy.port-unexpected", "ssh.obsolete-protocol",
                         "web.answers"}) {
    Check check = check_of(id, "10.20.1.99", Status::not_reviewed, Reason::unreachable,
                           "no answer to ping or to any of 6 ports, 3 attempts each");
    check.results[0].waiver = "W-20";
    add(record, std::move(check));
  }
  for (const char* id : {"exposure.ftp-open", "exposure.telnet-open", "management.access", "policy.port-unexpected",
                         "ssh.obsolete-protocol", "web.answers"})
    add(record,
        check_of(id, "old-switch.example.net", Status::not_reviewed, Reason::unresolved, "NXDOMAIN from 10.20.0.53"));
}

WaiverRecord waiver(std::string id, std::string rule, std::vector<std::string> targets, std::string reason, Day starts,
                    Day expires, WaiverState state, std::uint64_t named, std::uint64_t matched) {
  WaiverRecord record;
  record.id = std::move(id);
  record.rule = std::move(rule);
  record.targets = std::move(targets);
  record.reason = std::move(reason);
  record.approver = "j.doe";
  record.covers = {"fail"};
  record.starts = starts;
  record.expires = expires;
  record.state = state;
  record.days_left = (expires - std::chrono::floor<std::chrono::days>(start)).count();
  record.named = named;
  record.matched = matched;
  record.waived = record.in_force() ? matched : 0;
  return record;
}

void add_decisions(RunRecord& record) {
  using namespace std::chrono;
  record.dates = {floor<days>(start), "UTC"};
  record.waivers = {
      waiver("W-9", "exposure.telnet-open", {"10.20.1.7"}, "Console server, replacement ordered", on(2026, 5, 1),
             on(2026, 10, 31), WaiverState::expired, 1, 1),
      waiver("W-17", "exposure.ftp-open", {"10.20.1.12"}, "The printer's scans go to it over FTP until the move",
             on(2026, 9, 1), on(2027, 3, 31), WaiverState::active, 1, 1),
      waiver("W-18", "ssh.*", {"group:switches"}, "SSH 1 until the firmware is out", on(2026, 12, 1), on(2027, 2, 28),
             WaiverState::future, 6, 1),
      waiver("W-20", "*", {"10.20.1.99"}, "In repair, back in December", on(2026, 11, 2), on(2026, 12, 5),
             WaiverState::expiring, 6, 5),
      waiver("W-21", "web.*", {"access-*.example.net"}, "Its web server goes with the next release", on(2026, 8, 1),
             on(2027, 7, 31), WaiverState::active, 1, 0)};
  record.waivers[1].ticket = "CHG-112";
  record.waivers[3].covers = {"unreachable"};
  record.attestations = {
      {"NIST-800-53/AC-17", Status::pass, "j.doe", on(2026, 9, 14), on(2027, 9, 14),
       "Remote access list reviewed with the team leads, minutes in DOC-77", AttestationState::current},
      {"NIST-800-53/PE-3", Status::pass, "m.roe", on(2025, 10, 1), on(2026, 10, 1),
       "Badge readers of both comms rooms checked", AttestationState::expired}};
}

Framework::Mapping mapping(std::string rule, Support supports, std::string why) {
  return {std::move(rule), supports, std::move(why)};
}

Controls controls() {
  const auto cleartext = [](std::string rule) {
    return mapping(std::move(rule), Support::partial,
                   "it carries passwords in clear text; other protocols are not asked");
  };
  Framework nist;
  nist.id = "NIST-800-53";
  nist.title = "NIST SP 800-53: Security and Privacy Controls for Information Systems and Organizations";
  nist.version = "Rev. 5";
  nist.url = "https://doi.org/10.6028/NIST.SP.800-53r5";
  nist.controls = {
      {"AC-17",
       "Remote Access",
       {mapping("management.access", Support::partial, "it shows how a target is managed and judges nothing")}},
      {"AU-8", "Time Stamps", {}},
      {"CM-7",
       "Least Functionality",
       {cleartext("exposure.ftp-open"), mapping("policy.port-unexpected", Support::partial, "it sees listeners only")}},
      {"IA-3",
       "Device Identification and Authentication",
       {mapping("ssh.shared-host-key", Support::partial, "hosts without SSH are not seen")}},
      {"SC-8",
       "Transmission Confidentiality and Integrity",
       {cleartext("exposure.ftp-open"), cleartext("exposure.telnet-open")}}};
  Framework own;
  own.id = "ACME";
  own.title = "Hardening of our machines";
  own.version = "2026";
  own.note = "What counts is the handbook itself.";
  own.controls = {{"1.1",
                   "Nothing speaks SSH 1",
                   {mapping("ssh.obsolete-protocol", Support::full, "the handbook asks for no more")}},
                  {"1.2", "Visitors sign the book", {}}};
  return {{own, nist}};
}

DiffItem item_since(const Check& check, const Finding& finding, WallTime first_seen) {
  DiffItem item = item_of(check, finding);
  item.first_seen = first_seen;
  item.last_seen = start;
  return item;
}

/// SSH 1 is new, a message says something else, the rest was there; FTP went from core-1, and a silent host hides
/// what it had.
void add_changes(RunRecord& record) {
  RunDiff changes;
  changes.before = {"2026-11-19T220403-51be", start - 24h, true, record.tool.version, record.inventory.sha256, {}};
  changes.after = {record.run.id, start, true, record.tool.version, record.inventory.sha256, {}};
  for (const Check& check : record.checks)
    for (const Finding& finding : check.results) {
      if (finding.status != Status::fail) continue;
      const bool fresh = check.rule == "ssh.obsolete-protocol";
      const bool changed = finding.key == "21";
      const WallTime first = fresh ? start : start - 19 * 24h;
      record.first_seen.emplace(seen_key(fingerprint_of(check, finding), Status::fail), first);
      auto& list = fresh ? changes.fresh : changed ? changes.changed : changes.same;
      list.push_back(item_since(check, finding, first));
    }
  changes.fresh[0].was = "pass";
  changes.changed[0].was = "21/tcp is open; group switches allows 22 and 443, looked at 1-1024";
  DiffItem fixed = changes.fresh[0];
  fixed.fingerprint = fingerprint_of("exposure.ftp-open", "core-1.example.net", "tcp/10.20.1.1:21", "");
  fixed.rule = "exposure.ftp-open";
  fixed.target = "core-1.example.net";
  fixed.endpoint = "tcp/10.20.1.1:21";
  fixed.severity = Severity::medium;
  fixed.message = "FTP answers on 21/tcp";
  fixed.was = "";
  fixed.first_seen = start - 40 * 24h;
  fixed.last_seen = start - 24h;
  changes.fixed = {std::move(fixed)};
  changes.still = changes.changed.size() + changes.same.size();
  changes.unknown = {{"ssh.obsolete-protocol", "10.20.1.99", Status::pass, Status::not_reviewed, Reason::unreachable,
                      "no answer to ping or to any of 6 ports, 3 attempts each"}};
  changes.targets_came = {"old-switch.example.net"};
  changes.still_unknown = 4;
  record.changes = std::move(changes);
}

/// Ten nights before this one.
void add_past(RunRecord& record) {
  constexpr std::array<std::uint64_t, 10> failures{9, 9, 8, 8, 8, 6, 6, 6, 5, 4};
  constexpr std::array<std::uint64_t, 10> unseen{1, 1, 5, 1, 1, 0, 0, 6, 6, 6};
  for (std::size_t i = 0; i < failures.size(); ++i) {
    PastRun past;
    past.started = start - (10 - static_cast<int>(i)) * 24h;
    past.id = format_utc(past.started).substr(0, 10) + "T220403-51be";
    past.planned = 30;
    past.checks[static_cast<std::size_t>(Status::fail)] = failures[i];
    past.checks[static_cast<std::size_t>(Status::not_reviewed)] = unseen[i];
    past.checks[static_cast<std::size_t>(Status::informational)] = 6;
    past.checks[static_cast<std::size_t>(Status::pass)] = 24 - failures[i] - unseen[i];
    record.past.push_back(std::move(past));
  }
}

}  // namespace

RunRecord sample_record() {
  RunRecord record;
  record.tool.version = "0.1.0";
  record.run.id = "2026-11-20T220405-7f3a";
  record.run.started = start;
  record.run.finished = start + 14'271ms;
  record.run.complete = true;
  record.run.seed = 4211;
  record.run.command = "audit campus.toml --report html=report.html --report json=report.json";
  record.run.vantage = {"audit-1.example.net", {"10.20.0.5", "2001:db8:20::5"}, {"10.20.0.53"}};
  record.inventory = {"campus.toml",
                      "5d41402abc4b2a76b9719d911017c592c3a8a1f0e7c1d7c2b6a1f0e7c1d7c2b6",
                      "Campus management plane",
                      "j.doe, CISO, 2026-11-02",
                      "https://grc.example.net/ssp.json",
                      "",
                      {},
                      {}};
  record.run.user = "netops";
  record.rules = rules();
  record.targets = targets();
  record.summary.targets = record.targets.size();
  add_failures(record);
  add_answers(record);
  add_silence(record);
  add_decisions(record);
  record.controls = controls();
  record.left_out = {
      {LeftOutBy::expectations, "policy.port-unexpected", 2, record.targets.size(), record.targets.back().id, false}};
  record.assess_controls();
  record.run.local = {"Europe/Berlin", std::chrono::hours(1), std::chrono::hours(1)};
  record.summary.probes.asked = 6302;
  record.summary.probes.sent = 6371;
  record.summary.probes.shared = 9;
  record.summary.probes.retried = 69;
  record.services = {{21, "ftp"},    {22, "ssh"},      {23, "telnet"},    {80, "http"},
                     {443, "https"}, {830, "NETCONF"}, {8080, "http-alt"}};
  record.dark = {{"10.20.1.0/28",
                  {{*parse_address("10.20.1.2"), *parse_address("10.20.1.6")},
                   {*parse_address("10.20.1.8"), *parse_address("10.20.1.11")}},
                  {},
                  9}};
  record.excluded = {{"10.20.9.0/24", {*parse_prefix("10.20.9.0/24")}, {}, 256},
                     {"lab-*", {}, {"lab-1.example.net"}, 1}};
  record.summary.dark = 9;
  record.summary.excluded = 257;
  add_changes(record);
  add_past(record);
  record.notices = {"10.20.1.7 is named twice in campus.toml (lines 14 and 22): the entries were merged"};
  return record;
}

}  // namespace audit::report
