#pragma once

#include "base/run_record.hpp"
#include "net/resolver.hpp"

namespace audit::cli {

/// From where the run looked: host name and source addresses; resolvers.
void describe_vantage(RunRecord& record);
/// Who runs it: the user whom sudo stands in for, else the effective one.
void describe_user(RunRecord& record);
void describe_resolvers(RunRecord& record, const net::ResolverConfig& resolvers);

}  // namespace audit::cli
