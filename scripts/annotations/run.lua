---@meta
--- What editors know of the check of a rule with `scope = "run"`. No rule can `require` this file.

--- One target that `collect` returned something of. It cannot be changed.
---@class collected_target
---@field id string
---@field address string|nil  of the first host
---@field addresses string[]
---@field names string[]
---@field tags string[]
---@field groups string[]
---@field owner string
---@field zone string  of the inventory; "" where it is in none
---@field criticality string  "critical", "high", "medium", "low", or "" where nobody said
---@field urls string[]  by which the inventory names it, as written
---@field params table<string, integer|number|string|boolean>  the rule's own, as the inventory sets them for this target
---@field collected any  what `collect` returned: plain data, answers of probes, or a table of at most 64 of them; at most 256 KiB; an answer is evidence still

--- What a rule with `scope = "run"` judges, once, after every target has ended. It asks nothing: `collect` does.
---@class run
---@field targets integer  of which the rule was asked
---@field collected integer  of these, the ones that each() gives
---@field absent integer  of these, the ones with nothing: the ports are closed, or `collect` returned nil
---@field missing {target: string, reason: string, message: string}[]  the first 100 that were not seen, or not wholly
---@field missing_count integer  all of them
---@field complete boolean  none is missing; where one is, a pass becomes not_reviewed
local run = {}

--- Walks what was collected, in the order of the inventory: `for host in run:each() do … end`.
---@return fun(): collected_target|nil
function run:each() end
