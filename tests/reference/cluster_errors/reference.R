# CR2 errors and Satterthwaite degrees of freedom of least squares on public data, 17 digits.
# Run: Rscript reference.R > cr2.csv   (R 4.2.2, clubSandwich 0.5.8)
suppressMessages(library(clubSandwich))
options(digits = 17)

show <- function(model, fit, cluster) {
  errors <- vcovCR(fit, cluster = cluster, type = "CR2")
  test <- coef_test(fit, vcov = errors, test = "Satterthwaite")
  df <- if ("df_Satt" %in% names(test)) test$df_Satt else test$df
  for (i in seq_along(coef(fit))) {
    cat(model, names(coef(fit))[i], format(test$beta[i]), format(test$SE[i]), format(df[i]), sep = ",")
    cat("\n")
  }
}

cat("model,term,estimate,std_error,degrees\n")
show("mtcars by carb", lm(mpg ~ wt + hp, mtcars), mtcars$carb)
attitude$third <- rep(1:10, 3)
show("attitude by tens", lm(rating ~ complaints + learning + raises, attitude), attitude$third)
