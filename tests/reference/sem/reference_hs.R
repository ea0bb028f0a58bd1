# psych on the ordinal Holzinger-Swineford items in this folder: Rscript reference_hs.R (R 4.2.2, psych 2.2.9, Debian 12).
suppressPackageStartupMessages({library(psych); library(jsonlite)})
d <- read.csv("hs_ordinal4.csv")
scales <- list(visual = paste0("x", 1:3), textual = paste0("x", 4:6), speed = paste0("x", 7:9), first_six = paste0("x", 1:6),
               pair = c("x4", "x5"))
one <- function(items) {
  x <- d[, items]
  a <- suppressWarnings(psych::alpha(x, check.keys = FALSE, warnings = FALSE))
  ci <- psych::alpha.ci(a$total$raw_alpha, n.obs = nrow(x), n.var = ncol(x), p.val = .05, digits = 15)
  out <- list(items = items, n = nrow(x), total = as.list(a$total), feldt = as.numeric(unlist(ci))[c(1, 3)],
              drop_alpha = a$alpha.drop$raw_alpha, drop_std = a$alpha.drop$std.alpha,
              item_rest = a$item.stats$r.drop, mean = a$item.stats$mean, sd = a$item.stats$sd)
  if (length(items) > 2) {
    f <- factanal(x, 1)
    out$loadings <- abs(as.numeric(f$loadings))
    out$uniquenesses <- as.numeric(f$uniquenesses)
    out$omega_standardised <- 1 - sum(f$uniquenesses) / sum(cor(x))
    out$chisq <- as.numeric(f$STATISTIC); out$df <- as.numeric(f$dof)
  }
  if (length(items) == 6) {
    s <- psych::splitHalf(x, raw = TRUE, covar = TRUE)
    out$split <- list(max = s$maxrb, min = s$minrb, mean = s$meanr, n = length(s$raw))
  }
  out
}
sb <- function(items) { r <- cor(d[, items])[1, 2]; 2 * r / (1 + r) }
result <- list(meta = list(r = R.version.string, psych = as.character(packageVersion("psych")), data = "hs_ordinal4.csv"),
               scales = lapply(scales, one), spearman_brown_pair = sb(scales$pair))
writeLines(toJSON(result, digits = I(15), auto_unbox = TRUE, na = "null", pretty = TRUE), "psych_hs.json")
