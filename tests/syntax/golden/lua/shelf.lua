-- A shelf of books.
local base = require("base")
local json, unused = require "json", nil

--- The most it holds.
LIMIT = 10
local Shelf = {}
Shelf.__index = Shelf
Shelf.kinds = { open = true, closed = false }

--- Makes one.
-- @param name how it is called
function Shelf.new(name, ...)
  local self = setmetatable({}, Shelf)
  self.name = name
  self.books = {}
  return self
end

function Shelf:add(book)
  for index, other in ipairs(self.books) do
    if other == book then return index end
  end
  for i = 1, LIMIT do base.touch(i) end
  self.books[#self.books + 1] = book
end

local function helper(a, b)
  local sum = a + b
  return function(c) return sum + c end
end

local double = function(n) return n * 2 end
Shelf.clear = function(self) self.books = {} end

local M = {
  helper = helper,
  run = function(x) return double(x) end,
}

function top_level() return helper(1, 2)(json.null) end

goto done
::done::
return M
