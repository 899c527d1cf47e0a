#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/block.hpp"
#include "base/notifier.hpp"
#include "base/ports.hpp"
#include "base/run_record.hpp"
#include "base/status.hpp"
#include "base/time.hpp"
#include "base/value.hpp"
#include "inventory/attestation.hpp"
#include "inventory/credential_source.hpp"
#include "inventory/expected.hpp"
#include "inventory/origins.hpp"
#include "inventory/place.hpp"
#include "inventory/waiver.hpp"

namespace audit::inventory {

/// How fast and how patiently one target, or the whole run, is asked.
struct Limits {
  double rate = 5'000;                         // probes a second, all targets together; 1 to 1,000,000
  std::uint32_t per_target = 8;                // conversations at once with one target; 1 to 1,024
  std::uint32_t per_prefix = 128;              // connections at once with one /24 or /48; 1 to 65,535
  bool per_prefix_bounds_sweep = false;        // it was written: half-open connections of the sweep count as well
  Duration gap{};                              // least time between two probes of one target; 0s to 1h
  Duration timeout = std::chrono::seconds(2);  // one attempt; 1ms to 5m
  std::uint32_t attempts = 3;                  // 1 to 10
};

/// Everything that holds for a target once its groups and its own keys are merged. Shared by all that merge alike.
struct Settings {
  std::vector<std::string> groups;  // the target's own first, then their parents, each once
  std::vector<std::string> tags;    // sorted, each once
  std::string owner;
  std::string criticality;         // critical, high, medium or low; "" where nobody said
  std::string zone;                // as written; "" leaves it to the networks of the zones
  Safety safety = Safety::normal;  // the most that rules may do
  bool intrusive_allowed = false;  // safety = "intrusive" was written
  Limits limits;
  TransportPorts never;  // [scope] never and those of the groups: not even connected to
  bool assume_up = false;
  bool first_address = false;     // resolve = "first": of a name's addresses only the first that may be asked
  PortSet ports;                  // swept besides those that rules ask for
  std::vector<std::string> urls;  // by which the target is named, as written
  std::shared_ptr<const ExpectedPorts> expect_tcp;
  std::shared_ptr<const ExpectedPorts> expect_udp;
  std::shared_ptr<const ExpectedAnswers> expect_answers;
  std::map<std::string, Value::Object> params;  // by rule id, then parameter name
  std::shared_ptr<const Origins> origins;       // where it was asked for when the inventory was loaded
};

/// One `[[targets]]` entry, or one item of `--target`.
struct Entry {
  enum class Kind : std::uint8_t { address, name, block };
  Kind kind = Kind::address;
  std::string text;    // as written
  std::string name;    // lower case, no final dot, where kind is name
  AddressBlock block;  // candidates where kind is block (network and broadcast already left out), else one address
  std::vector<AddressBlock> more;  // of an octet range that is several blocks; empty once an inventory is loaded
  std::uint16_t port = 0;          // of a URL, swept besides what rules ask for; 0 where the text is none
  std::shared_ptr<const Settings> settings;
  Place place;
};

/// What an exclude of the scope names: addresses, names by glob, or a group.
struct Exclude {
  std::string text;
  std::vector<AddressBlock> blocks;
  std::string name_glob;
  Place place;
  std::string group;  // whose targets are excluded; their addresses and networks are among the blocks
};

/// `[zones.NAME]`: addresses that are told apart from equal ones elsewhere.
struct Zone {
  std::string name;
  std::vector<AddressBlock> networks;
  Place place;
};

/// `[history]`: where runs are kept, and how much of them; each bound by itself.
struct HistorySettings {
  std::string state;                  // a directory; "" leaves it to --state
  std::optional<std::uint64_t> runs;  // so many
  std::optional<Duration> age;        // since their start
  std::optional<std::uint64_t> bytes;
};

struct Scope {
  std::vector<AddressBlock> include;  // bounds what names may resolve to, where not empty
  std::vector<Exclude> exclude;
  TransportPorts never;  // "tcp/9100-9107" unless the inventory says otherwise
};

/// A `[params]` table of a rule, kept until the rules are known.
struct ParamPlace {
  std::string rule;
  std::string key;
  Place place;
};

/// A group, for whoever shows how they stand to each other.
struct GroupRecord {
  std::string name;
  std::vector<std::string> parents;  // as written
  std::int64_t priority = 0;
  Place place;
};

/// One of the files that an inventory consists of.
struct FileRecord {
  std::string path;    // of the file that names it, and what it names
  std::string sha256;  // of its bytes
};

class GuardIndex;

/// A validated inventory. Immutable; read by every shard.
struct Inventory {
  std::string path;               // as the user named it; "" where there is no file
  std::string sha256;             // of the file's bytes; of all files' digests, where it includes others
  std::vector<FileRecord> files;  // that were read, the one the user named first
  std::string name;
  std::string authorised_by;    // who allowed the audit, in words
  std::string ssp;              // where the system security plan is: a URL or a path
  std::string assessment_plan;  // where the OSCAL assessment plan is: a URL or a path
  std::string select;           // "" for the default
  Place select_place;
  double require_coverage = 1.0;
  std::string fail_on = "low";  // a severity or "never"
  std::string contact;
  std::string user_agent;
  std::vector<std::string> resolvers;  // "192.0.2.53" or "127.0.0.1:5353"; empty for the system's
  Limits limits;
  Scope scope;
  std::map<std::uint16_t, std::string> services;
  std::vector<CredentialSource> credentials;
  std::vector<GroupRecord> groups;  // in the order of the files
  std::string timezone = "UTC";     // in which waivers and attestations count days
  std::uint32_t warn_days = 30;     // a waiver that ends within so many is `expiring`
  std::vector<Waiver> waivers;
  std::vector<Attestation> attestations;
  HistorySettings history;
  std::optional<std::uint32_t> report_mode;  // of the files of reports, as chmod(2) takes it; none leaves it to each
  std::vector<NotifySettings> notifiers;
  std::vector<Zone> zones;
  std::vector<SourceRecord> sources;
  std::vector<ExpandedSource> expanded;  // of these, the commands, in their order
  std::vector<Entry> entries;
  std::shared_ptr<const GuardIndex> guards;  // of all entries, also of those that --limit leaves out; null: none
  std::optional<LeftOut> left_out;           // by --limit
  std::optional<std::vector<AddressBlock>> written_before_limit;  // the addresses of all entries; none without --limit
  std::vector<ParamPlace> params;
  std::vector<std::string> notices;
};

}  // namespace audit::inventory
