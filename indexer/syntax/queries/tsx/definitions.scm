(#inherits! "typescript")
