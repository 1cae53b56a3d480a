# frozen_string_literal: true

# Reads a JSON list of values, answers with what `to_yaml` makes of each.
require 'json'
require 'yaml'

puts JSON.generate(JSON.parse($stdin.read).map(&:to_yaml))
