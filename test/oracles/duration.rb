# GitLab's own fork of chronic duration (package ruby-chronic-duration). Reads a list of texts, writes seconds or null for each.
require 'json'
require 'gitlab_chronic_duration'

ChronicDuration.raise_exceptions = true
texts = JSON.parse($stdin.read)
puts JSON.generate(texts.map { |text|
  begin
    seconds = ChronicDuration.parse(text)
    seconds.is_a?(Float) && !seconds.finite? ? nil : seconds
  rescue StandardError
    nil
  end
})
