# Raking of respondents (3 age groups x 2 sexes) to margins of the invited, by base R's loglin: iterative proportional
# fitting that starts from the respondents' table and keeps the margins of another one.
answered <- matrix(c(12, 30, 44, 20, 25, 19), nrow = 3)
age <- c(0.35, 0.40, 0.25) * sum(answered)
sex <- c(0.48, 0.52) * sum(answered)
invited <- outer(age, sex) / sum(answered)
fitted <- loglin(invited, list(1, 2), start = answered, fit = TRUE, eps = 1e-13, iter = 1000, print = FALSE)$fit
weights <- fitted / answered
effective <- sum(fitted)^2 / sum(answered * weights^2)
write.csv(data.frame(age = rep(1:3, 2), sex = rep(1:2, each = 3), answered = c(answered), weight = sprintf("%.12f", c(weights)),
  effective_n = sprintf("%.10f", effective)), "weights.csv", row.names = FALSE)
