#include "cli/schedule_cron.hpp"

#include <catch2/catch.hpp>

namespace audit::cli {
namespace {

using Catch::Contains;
using std::chrono::minutes;

ScheduledJob job_of(const std::string& inventory) {
  ScheduledJob job;
  job.inventory = inventory;
  job.name = job_name(inventory);
  job.calendar = *parse_daily("02:30");
  job.command = {"/usr/bin/audit", "run", inventory, "--quiet"};
  return job;
}

const ScheduledJob plain = job_of("/srv/campus.toml");

TEST_CASE("a file for cron.d says whose it is, and its line names the user") {
  const std::string text = *cron_file(plain, minutes(0));
  CHECK(parse_head(text)->inventory == "/srv/campus.toml");
  CHECK(parse_head(text)->when == "daily at 02:30");
  CHECK_THAT(text, Contains("\n30 2 * * * root /usr/bin/audit run /srv/campus.toml --quiet\n"));
  CHECK(format_cron(*time_of(text)) == "30 2 * * *");
}

TEST_CASE("a percent sign, which cron takes for a line end, is kept from it, and what a shell would expand is quoted") {
  CHECK(*cron_command(job_of("/srv/100%.toml")) == "/usr/bin/audit run /srv/100\\%.toml --quiet");
  CHECK(*cron_command(job_of("/srv/a b's $(x).toml")) == "/usr/bin/audit run '/srv/a b'\"'\"'s $(x).toml' --quiet");
}

TEST_CASE("what a line of cron cannot carry is refused") {
  CHECK_THAT(cron_command(job_of("/srv/a\\b.toml")).error().message, Contains("cannot carry a backslash"));
  CHECK_THAT(cron_command(job_of("/srv/a\n* * * * * root rm.toml")).error().message,
             Contains("cannot carry a line end"));
  CHECK_THAT(cron_command(job_of("/srv/" + std::string(1'000, 'x'))).error().message, Contains("longer than the 990"));
  ScheduledJob job = plain;
  job.calendar.every = Calendar::Every::expression;
  CHECK_THAT(cron_file(job, minutes(0)).error().message, Contains("--on-calendar is systemd's"));
}

TEST_CASE("a delay in place of a random one is said") {
  ScheduledJob job = plain;
  job.jitter = minutes(30);
  CHECK_THAT(*cron_file(job, minutes(17)),
             Contains("here it is always 17 minutes for this inventory\n47 2 * * * root"));
}

TEST_CASE("nothing else of a crontab is touched, whatever it holds") {
  const std::string block = *cron_block(plain, minutes(0));
  for (const std::string& before :
       {std::string(), std::string("# mine\n5 * * * * x\n"), std::string("no line end"), std::string("\n\n"),
        std::string("\xff\x01\n"), "# BEGIN " + plain.name + "-other\n# END " + plain.name + "-other\n"}) {
    const std::string with = *with_block(before, plain.name, block);
    CHECK(with.ends_with(block));
    CHECK(with.starts_with(before));
    CHECK(block_of(with, plain.name).size() > 100);
    CHECK(*with_block(with, plain.name, block) == with);
    const std::string mended = before.empty() || before.back() == '\n' ? before : before + '\n';
    CHECK(*with_block(with, plain.name, "") == mended);
    CHECK(*with_block(with + "7 * * * * y\n", plain.name, "") == mended + "7 * * * * y\n");
    CHECK(*with_block(before, plain.name, "") == before);
  }
}

TEST_CASE("two inventories have each their lines") {
  const ScheduledJob other = job_of("/srv/plant.toml");
  std::string crontab = *with_block("", plain.name, *cron_block(plain, minutes(0)));
  crontab = *with_block(crontab, other.name, *cron_block(other, minutes(0)));
  CHECK(blocks_in(crontab) == std::vector<std::string>{plain.name, other.name});
  CHECK(*with_block(crontab, plain.name, "") == *cron_block(other, minutes(0)));
}

TEST_CASE("lines that somebody changed at their ends are left alone, with a word about them") {
  const std::string block = *cron_block(plain, minutes(0));
  const std::string last = "# END " + plain.name + "\n";
  const std::string torn = block.substr(0, block.size() - last.size()) + "5 * * * * mine\n";
  for (const std::string& crontab : {torn, block + block, "# BEGIN " + plain.name + "\n5 * * * * mine\n" + last,
                                     torn + "# BEGIN audit-other\n" + last}) {
    CHECK_THAT(with_block(crontab, plain.name, "").error().message, Contains("not as they were written"));
    CHECK_THAT(with_block(crontab, plain.name, block).error().message, Contains("crontab -e"));
  }
}

}  // namespace
}  // namespace audit::cli
