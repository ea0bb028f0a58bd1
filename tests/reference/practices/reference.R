# Values that the tests of practices and metrics are held against.
# R 4.2.2, lme4 1.1-31, survey 4.1-1, metafor 3.8-1, psych 2.2.9, MASS 7.3-58 (Debian 12). Run: Rscript reference.R
suppressMessages({library(lme4); library(survey); library(metafor); library(MASS); library(psych); library(jsonlite)})
d <- read.csv("patients.csv", stringsAsFactors = TRUE)
J <- nlevels(d$practice)
out <- list()

# One-way random effects
reml <- lmer(grade ~ 1 + (1 | practice), d, control = lmerControl(optCtrl = list(xtol_abs = 1e-12, ftol_abs = 1e-14)))
v <- as.data.frame(VarCorr(reml))$vcov
re <- ranef(reml, condVar = TRUE)$practice
out$lme4 <- list(sigma2_between = v[1], sigma2_within = v[2], mu = unname(fixef(reml)), se_mu = sqrt(vcov(reml)[1, 1]),
  shrunken = unname(fixef(reml)) + re[, 1], cond_sd = sqrt(attr(re, "postVar")[1, 1, ]), reml_deviance = REMLcrit(reml))
balanced <- do.call(rbind, lapply(split(d, d$practice), function(x) if (nrow(x) >= 12) x[1:12, ] else NULL))
balanced$practice <- droplevels(balanced$practice)
rb <- lmer(grade ~ 1 + (1 | practice), balanced)
vb <- as.data.frame(VarCorr(rb))$vcov
out$balanced <- list(sigma2_between = vb[1], sigma2_within = vb[2])
a <- anova(lm(grade ~ practice, d))
out$anova <- list(ms_between = a[1, "Mean Sq"], ms_within = a[2, "Mean Sq"], f = a[1, "F value"], p = a[1, "Pr(>F)"])

# psych: ICC of the ratings of Shrout & Fleiss (1979), table 2, and of the balanced part
sf <- matrix(c(9,2,5,8, 6,1,3,2, 8,4,6,8, 7,1,2,6, 10,5,6,9, 6,2,4,7), ncol = 4, byrow = TRUE)
i1 <- ICC(sf, lmer = FALSE)$results["Single_raters_absolute", ]
out$shrout_fleiss <- list(icc = i1$ICC, f = i1$F, p = i1$p, low = i1$`lower bound`, high = i1$`upper bound`)
i2 <- ICC(matrix(balanced$grade, ncol = 12, byrow = TRUE), lmer = FALSE)$results["Single_raters_absolute", ]
out$balanced_icc <- list(icc = i2$ICC, f = i2$F, low = i2$`lower bound`, high = i2$`upper bound`)

# Case mix by least squares: practice intercepts at the mean patient
X <- model.matrix(~ age + health, d)[, -1]
X <- sweep(X, 2, colMeans(X))
f <- lm(grade ~ 0 + practice + X, d)
f0 <- lm(grade ~ X, d)
cmp <- anova(f0, f)
out$ols <- list(beta = unname(coef(f)[-(1:J)]), se_beta = unname(sqrt(diag(vcov(f)))[-(1:J)]), adjusted = unname(coef(f)[1:J]),
  se = unname(sqrt(diag(vcov(f)))[1:J]), f = cmp$F[2], p = cmp$`Pr(>F)`[2], df1 = cmp$Df[2], df2 = cmp$Res.Df[2])
# each practice against the mean of all practices, from the full covariance matrix
C <- diag(J) - 1 / J
V <- vcov(f)[1:J, 1:J]
out$ols$delta <- as.vector(C %*% coef(f)[1:J]); out$ols$se_delta <- sqrt(diag(C %*% V %*% t(C)))

# Missing ages, imputed at the practice mean (overall mean where a practice has none)
dm <- d; dm$age[seq(3, nrow(d), 7)] <- NA; dm$age[dm$practice == "p01"] <- NA
overall <- mean(dm$age, na.rm = TRUE)
pm <- tapply(dm$age, dm$practice, mean, na.rm = TRUE); pm[is.nan(pm)] <- overall
dm$age <- ifelse(is.na(dm$age), pm[as.character(dm$practice)], dm$age)
Xm <- model.matrix(~ age + health, dm)[, -1]; Xm <- sweep(Xm, 2, colMeans(Xm))
fm <- lm(grade ~ 0 + practice + Xm, dm)
out$ols_imputed <- list(beta = unname(coef(fm)[-(1:J)]), adjusted = unname(coef(fm)[1:J]))

# Logistic: practices in which everybody answers the same are left out of the fit (their intercept is infinite)
share <- tapply(d$binary, d$practice, mean)
mixed <- names(share)[share > 0 & share < 1]
db <- droplevels(d[d$practice %in% mixed, ])
Xb <- model.matrix(~ age + health, db)[, -1]
g <- glm(binary ~ 0 + practice + Xb, binomial, db, control = list(epsilon = 1e-14, maxit = 100))
k <- length(mixed)
beta <- coef(g)[-(1:k)]
Xall <- model.matrix(~ age + health, d)[, -1]
margins <- sapply(coef(g)[1:k], function(a) mean(plogis(a + Xall %*% beta)))
grad <- t(sapply(1:k, function(j) { p <- as.vector(plogis(coef(g)[j] + Xall %*% beta)); w <- p * (1 - p)
  out <- numeric(k + length(beta)); out[j] <- mean(w); out[(k + 1):length(out)] <- colMeans(w * Xall); out }))
out$logistic <- list(practices = mixed, beta = unname(beta), se_beta = unname(sqrt(diag(vcov(g)))[-(1:k)]),
  adjusted = unname(margins), se = sqrt(diag(grad %*% vcov(g) %*% t(grad))), loglik = as.numeric(logLik(g)))
g0 <- glm(binary ~ age + health, binomial, d, control = list(epsilon = 1e-14))
out$logistic$lr <- 2 * (as.numeric(logLik(g)) - as.numeric(logLik(g0)))

# Proportional odds: only practices that do not answer all highest or all lowest
polr_data <- droplevels(d[!d$practice %in% names(which(tapply(d$ordinal, d$practice, min) == 5 | tapply(d$ordinal, d$practice, max) == 1)), ])
po <- polr(factor(ordinal) ~ practice + age + health, polr_data, Hess = TRUE, control = list(reltol = 1e-15, maxit = 5000))
kp <- nlevels(polr_data$practice)
b <- coef(po); bx <- b[kp:length(b)]; z <- po$zeta; apr <- c(0, b[1:(kp - 1)])
Xo <- model.matrix(~ age + health, d)[, -1]
expected <- sapply(apr, function(a) { eta <- as.vector(a + Xo %*% bx)
  mean(5 - rowSums(sapply(z, function(t) plogis(t - eta)))) })
out$polr <- list(practices = levels(polr_data$practice), beta = unname(bx), se_beta = unname(sqrt(diag(vcov(po)))[names(bx)]),
  adjusted = unname(expected), loglik = as.numeric(logLik(po)))

# Overdispersion without winsorising is DerSimonian & Laird's between-unit variance
n <- as.vector(table(d$practice)); m <- as.vector(tapply(d$grade, d$practice, mean))
dl <- rma(yi = m, vi = a[2, "Mean Sq"] / n, method = "DL")
out$dl_means <- list(tau2 = dl$tau2, q = dl$QE)
x <- as.vector(tapply(d$binary, d$practice, sum))
dlp <- rma(yi = asin(sqrt(x / n)), vi = 1 / (4 * n), method = "DL")
out$dl_shares <- list(tau2 = dlp$tau2, q = dlp$QE)
# Winsorised (Spiegelhalter 2005) around the overall share
s <- 1 / (2 * sqrt(n)); y0 <- asin(sqrt(sum(x) / sum(n))); zz <- (asin(sqrt(x / n)) - y0) / s
qq <- quantile(zz, c(.1, .9)); zw <- pmin(pmax(zz, qq[1]), qq[2]); phi <- mean(zw^2)
tau2 <- max(0, (J * phi - (J - 1)) / (sum(s^-2) - sum(s^-4) / sum(s^-2)))
out$funnel_shares <- list(phi = phi, tau2 = tau2, low95 = sin(pmax(0, y0 - 1.959963984540054 * sqrt(s^2 + tau2)))^2,
  high95 = sin(pmin(pi / 2, y0 + 1.959963984540054 * sqrt(s^2 + tau2)))^2)

# Survey statistics: clusters, weights, both
one <- function(design, formula) { r <- svymean(formula, design); list(mean = unname(coef(r)), se = unname(SE(r)[1])) }
out$survey <- list(
  clustered = one(svydesign(~practice, weights = ~1, data = transform(d, one = 1)), ~grade),
  weighted = one(svydesign(~1, weights = ~weight, data = d), ~grade),
  both = one(svydesign(~practice, weights = ~weight, data = d), ~grade),
  both_binary = one(svydesign(~practice, weights = ~weight, data = d), ~binary),
  domain = { q <- svyby(~grade, ~health, svydesign(~practice, weights = ~weight, data = d), svymean)
    list(health = as.character(q$health), mean = q$grade, se = unname(SE(q))) },
  difference = { q <- svyglm(grade ~ I(health == "good"), svydesign(~practice, weights = ~weight, data = d))
    list(estimate = unname(coef(q)[2]), se = unname(SE(q)[2])) })
tt <- t.test(grade ~ binary, d)
out$welch <- list(low = tt$conf.int[1], high = tt$conf.int[2], df = unname(tt$parameter), t_low = t.test(d$grade)$conf.int[1],
  t_high = t.test(d$grade)$conf.int[2])
write_json(out, "reference.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
