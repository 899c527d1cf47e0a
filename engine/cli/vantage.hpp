#pragma once

#include "base/run_record.hpp"
#include "net/resolver.hpp"

namespace audit::cli {

/// From where the run looked: host name and source addresses; resolvers.
void describe_vantage(RunRecord& record);
void describe_resolvers(RunRecord& record, const net::ResolverConfig& resolvers);

}  // namespace audit::cli
